import type { Answer } from '../server/wire.ts';
import { xmlError } from './query-protocol.ts';

/** A call that SNS refuses; thrown before anything has changed. */
export class SnsRefusal extends Error {
  override readonly name = 'SnsRefusal';
  /** Of the HTTP answer. */
  readonly status: number;
  /** As it stands in the answer, for example `NotFound`; the SDK appends `Exception`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * The error answer for any code of SNS's, for faults.
 *
 * @param code without `Exception`
 * @example snsError(429, 'Throttled', 'Rate exceeded')
 */
export function snsError(status: number, code: string, message: string): Answer {
  return xmlError(status, code, message);
}

/** A parameter that is malformed or out of bounds. */
export function invalidParameter(what: string): SnsRefusal {
  return new SnsRefusal(400, 'InvalidParameter', `Invalid parameter: ${what}`);
}

/** A message attribute that is malformed or out of bounds. */
export function invalidValue(message: string): SnsRefusal {
  return new SnsRefusal(400, 'ParameterValueInvalid', message);
}

/** No topic has this ARN. */
export function topicNotFound(): SnsRefusal {
  return new SnsRefusal(404, 'NotFound', 'Topic does not exist');
}

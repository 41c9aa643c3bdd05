import { snsErrorBody, XML_HEADERS } from './sns-xml.ts';
import type { Answer } from './stand-in.ts';

/** A call that SNS refuses; thrown before anything has changed. */
export class SnsRefusal extends Error {
  override readonly name = 'SnsRefusal';
  readonly status: number;
  /** As it stands in the answer, for example `NotFound`; the SDK adds `Exception`. */
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
  return { status, headers: XML_HEADERS(), body: snsErrorBody(status, code, message) };
}

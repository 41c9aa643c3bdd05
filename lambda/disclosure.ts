import { getSystemErrorMap } from 'node:util';
import { type Details, type FailureCode, RotationError } from './failure.ts';

/** What may be said of an error: all of ours, of any other its name. */
export interface ErrorDescription {
  readonly name: string;
  readonly code?: FailureCode;
  readonly message?: string;
  readonly details?: Details;
  readonly cause?: ErrorDescription;
}

/** Causes of causes: as far as anybody reads, and an end where they run in a circle. */
const DEEPEST_CAUSE = 4;

// What was a name in source code. Anything else may be content that somebody put there.
const NAME = /^[A-Za-z.]{1,64}$/;

const SYSTEM_ERRORS: ReadonlySet<unknown> = new Set(
  [...getSystemErrorMap().values()].map(([code]) => code),
);

/** Describes an error for the log. Messages of foreign errors quote their input, so they are left out. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  const cause = error instanceof Error ? error.cause : undefined;
  return {
    name: errorName(error),
    ...(error instanceof RotationError && {
      code: error.code,
      message: error.message,
      details: error.details,
    }),
    ...(cause !== undefined && depth < DEEPEST_CAUSE && { cause: describeError(cause, depth + 1) }),
  };
}

/**
 * The name by which an error may be told: Node's code of a system error
 * (`ECONNREFUSED`), which is one of a closed list and says more than `Error`;
 * else the name of its class.
 */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  if ('code' in error && SYSTEM_ERRORS.has(error.code)) {
    return String(error.code);
  }
  return typeof error.name === 'string' && NAME.test(error.name) ? error.name : 'Error';
}

/** Makes a failure of the closed list out of whatever was thrown. */
export function toRotationError(error: unknown): RotationError {
  if (error instanceof RotationError) {
    return error;
  }
  const name = errorName(error);
  return new RotationError('UNEXPECTED', `nobody foresaw this error: ${name}`, {
    cause: error,
    details: { error: name },
  });
}

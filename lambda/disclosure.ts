import { getSystemErrorMap } from 'node:util';
import { type Details, type FailureCode, RotationError } from './failure.ts';

/** An error as the log shows it: everything of our own errors, only the name of any other. */
export interface ErrorDescription {
  readonly name: string;
  readonly code?: FailureCode;
  readonly message?: string;
  readonly details?: Details;
  readonly cause?: ErrorDescription;
}

/** Of causes of causes. They may run in a circle. */
const DEEPEST_CAUSE = 4;

// An identifier of source code. Anything else may be content that somebody put there.
const NAME = /^[A-Za-z.]{1,64}$/;

const LONGEST_NAME = 60;
/** No token is shorter. */
const LONGEST_WORD = 15;
const SHOWN_OF_WORD = 8;

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

const SYSTEM_ERRORS: ReadonlySet<unknown> = new Set(
  [...getSystemErrorMap().values()].map(([code]) => code),
);

/** Describes an error for the log, without the messages of foreign errors, which quote their input. */
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
 * The name under which an alert may show an error: Node's code of a system error, such as
 * `ECONNREFUSED`, which is one of a closed list; else the name of its class.
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

/**
 * The word under which the log may show an error of the network: its code, such as
 * `UND_ERR_CONNECT_TIMEOUT`, else its name. Never its message, which can quote the request.
 *
 * @returns letters, digits and underscores only
 */
export function networkErrorName(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  const word = typeof code === 'string' ? code : String(name);
  return /^\w{1,64}$/.test(word) ? word : 'Error';
}

/**
 * The name that somebody gave a token, in one line. People may write anything into it, even the
 * value of a token. So any word that is long enough to be one is cut after a few characters, which
 * are enough to find the token in GitLab's own list.
 */
export function safeTokenName(name: string): string {
  const words = name
    // Controls, and what reorders or hides other characters.
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .replaceAll('"', "'")
    .split(' ')
    .map((word) => shorten(word, LONGEST_WORD, SHOWN_OF_WORD));
  return shorten(words.join(' '), LONGEST_NAME, LONGEST_NAME);
}

/** A time in ISO 8601; empty for anything else. */
export function safeTimestamp(time: string): string {
  return TIME.test(time) ? time : '';
}

/** The failure for anything that was thrown: `UNEXPECTED`, unless it is one of ours. */
export function toRotationError(error: unknown): RotationError {
  if (error instanceof RotationError) {
    return error;
  }
  const name = errorName(error);
  return new RotationError('UNEXPECTED', `unexpected error: ${name}`, {
    cause: error,
    details: { error: name },
  });
}

/** Counts whole characters, so that none is cut in half. */
function shorten(text: string, longest: number, shown: number): string {
  const characters = Array.from(text);
  return characters.length > longest ? `${characters.slice(0, shown).join('')}…` : text;
}

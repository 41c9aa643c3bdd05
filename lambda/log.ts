import type { ErrorDescription } from './disclosure.ts';
import type { Details } from './failure.ts';
import type { StepLog } from './ports/step.ts';

/** The members of a line besides its message. */
export type LogDetails = Readonly<Record<string, Details[string] | ErrorDescription>>;

/** The log of the function: one object per line. */
export interface Log extends StepLog {
  error(message: string, details?: LogDetails): void;
  /** A log that adds these ids to every line. */
  with(ids: Details): Log;
}

/**
 * Writes to the console. Lambda's JSON format adds time, level and request id, and keeps the
 * members of a *single* argument only.
 */
export function createLog(ids: Details = {}): Log {
  const entry = (message: string, details: LogDetails = {}) => ({ message, ...details, ...ids });
  return {
    info: (message, details) => console.info(entry(message, details)),
    warn: (message, details) => console.warn(entry(message, details)),
    error: (message, details) => console.error(entry(message, details)),
    with: (more) => createLog({ ...ids, ...more }),
  };
}

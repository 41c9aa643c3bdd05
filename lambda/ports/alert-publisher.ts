import type { Risk } from '../failure.ts';

/** One SNS message. `message` is the JSON text for `MessageStructure: json`. */
export interface Alert {
  /** ASCII without control characters, at most 99. */
  readonly subject: string;
  /** With `attributes` well below the 262,144 bytes that SNS takes. */
  readonly message: string;
  /** For filter policies. */
  readonly attributes: { readonly code: string; readonly risk: Risk; readonly step: string };
}

/** Sends alerts to the people who subscribe to them. */
export interface AlertPublisher {
  /** @throws whatever went wrong: the caller logs it */
  publish(alert: Alert, timeoutMs: number): Promise<void>;
}

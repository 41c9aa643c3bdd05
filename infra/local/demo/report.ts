import type { RotationOutcome, Step } from '../secrets-manager/rotation/run.ts';
import type { DeadWindow } from './dead-window.ts';
import type { Untold } from './untold.ts';

/** One rotation, as it can be told to a person or to a program. No token is in it. */
export interface Report {
  readonly outcome: RotationOutcome['kind'];
  /** How often Secrets Manager ran the four steps. */
  readonly attempts: number;
  /** What went wrong on demand. */
  readonly fault?: string;
  readonly steps: readonly StepReport[];
  readonly before: SecretState;
  readonly after: SecretState;
  /** Number of calls by service and operation. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly deadWindow: DeadWindow;
  readonly alerts: readonly Alert[];
  readonly untold: Untold;
}

export interface StepReport {
  readonly attempt: number;
  readonly step: Step;
  readonly succeeded: boolean;
  readonly durationMs: number;
  /** As the function threw it. */
  readonly errorMessage?: string;
}

/** Where the labels of the secret lead, and living tokens that no label leads to, by id. */
export interface SecretState {
  readonly labels: readonly LabelState[];
  readonly orphans: readonly string[];
}

/** Without a token where no version with a value has the label. */
export interface LabelState extends Partial<TokenState> {
  readonly label: string;
  /** The version that has the label has no value: what a rotation begins with. */
  readonly empty?: true;
  /** Absent where the version holds one token alone. */
  readonly standby?: TokenState;
}

export interface TokenState {
  readonly tokenId: string;
  readonly alive: boolean;
  /** `YYYY-MM-DD`; null for never. */
  readonly expiresAt: string | null;
}

/** One message, as two kinds of subscribers get it. */
export interface Alert {
  readonly subject: string;
  readonly email: string;
  /** JSON of a chat custom notification. */
  readonly chat: string;
}

import type { Alert } from '../cloud/cloud.ts';
import type { RotationOutcome, Step } from '../secrets-manager/rotation/run.ts';

/** One rotation, for a person or a program. No token is in it. */
export interface DemoReport {
  readonly outcome: RotationOutcome['kind'];
  readonly ending: DemoEnding;
  /** How it should have ended: as its fault does, or with a rotation where there is none. */
  readonly expectedEnding: DemoEnding;
  /** How often Secrets Manager ran the four steps. */
  readonly attempts: number;
  /** What went wrong on demand. */
  readonly fault?: string;
  readonly steps: readonly StepReport[];
  readonly before: SecretState;
  readonly after: SecretState;
  /** Number of calls by service and operation. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly inactiveWindow: InactiveWindow;
  readonly alerts: readonly Alert[];
  readonly alertDelivery: AlertDelivery;
}

/** Whether the token rotated; else whether `AWSCURRENT` still leads to an active one. */
export type DemoEnding = 'rotated' | 'not rotated' | 'current token lost';

export interface StepReport {
  readonly attempt: number;
  readonly step: Step;
  readonly succeeded: boolean;
  readonly durationMs: number;
  /** As the function threw it. */
  readonly errorMessage?: string;
}

/** Where the labels of the secret lead, and active tokens that no label leads to, by id. */
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
  readonly status: 'active' | 'revoked' | 'expired';
  /** `YYYY-MM-DD`; null for never. */
  readonly expiresAt: string | null;
}

/** How long the token under `AWSCURRENT` was revoked, in ms; `ongoing` when it still is. */
export interface InactiveWindow {
  readonly ms: number;
  readonly ongoing: boolean;
}

/** Which failures the topic did not report, and where they are reported instead. */
export interface AlertDelivery {
  /** Messages that SNS was asked to take. */
  readonly published: number;
  /** Those of them that it did not take. */
  readonly refused: number;
  /** How often the function's log says `alert not published`, after the failure itself. */
  readonly logged: number;
  /** Invocations that ended before they could publish anything. */
  readonly stopped: number;
}

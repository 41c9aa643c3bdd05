import type { Details, NoticeCode } from '../failure.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { RecoveryCredential } from './administered-tokens.ts';
import type { RotationRequest, SecretStore } from './secret-store.ts';

/** Where a step logs: ids, numbers and words of our own only. */
export interface StepLog {
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
}

/** Something that people should know, although nothing failed. */
export interface Notice {
  readonly code: NoticeCode;
  readonly details: Details;
}

export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}

/** The clock, and the time that this invocation has left. */
export interface RunTime extends Clock {
  remainingMs(): number;
}

/** What the environment fixes for the rotations of a secret. */
export interface RotationSettings {
  /** Without a trailing slash. A secret may name this GitLab only. */
  readonly gitlabUrl: string;
  /** The member of a JSON secret that holds the token. */
  readonly tokenField: string;
  /** A number or a full path, for secrets that name no owner themselves. */
  readonly projectId?: string;
  readonly lifetimeDays: number;
  /** Refuses a secret without a standby. @default - the secret says which strategy it is for */
  readonly alternatingTokens?: boolean;
}

/** What one secret has of its own. The rest is as for every other secret of this function. */
export type SecretSettings = Partial<Omit<RotationSettings, 'gitlabUrl'>>;

/** What every step works with. Built once, at cold start. */
export interface Services {
  readonly secrets: SecretStore;
  readonly tokens: AccessTokens;
  readonly settings: RotationSettings;
  /** By the name of the secret. @default - `settings` is for all of them */
  readonly secretSettings?: ReadonlyMap<string, SecretSettings>;
  /** What recovers a lost successor. @default - a lost successor stays lost */
  readonly recovery?: RecoveryCredential;
}

/** One invocation of a step: its request, the settings of its secret, and all that it may use. */
export interface Run extends Omit<Services, 'secretSettings'> {
  readonly request: RotationRequest;
  readonly time: RunTime;
  readonly log: StepLog;
  /** Sends a notice to people. Never throws: what goes wrong is logged. */
  notify(notice: Notice): Promise<void>;
}

/** One of AWS's four steps: it succeeds by returning and fails by throwing a RotationError. */
export type StepFunction = (run: Run) => Promise<void>;

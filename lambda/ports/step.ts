import type { Details, NoticeCode } from '../failure.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { RecoveryCredential } from './administered-tokens.ts';
import type { RotationRequest, SecretStore } from './secret-store.ts';

/** The time that this invocation has left. */
export interface Deadline {
  remainingMs(): number;
}

export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}

/** Where a step says what it does: ids, numbers and words of our own only. */
export interface StepLog {
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
}

/** Something that people should know, although nothing failed. */
export interface Notice {
  readonly code: NoticeCode;
  readonly details: Details;
}

/** What a step may use of the invocation that it runs in. */
export interface Invocation {
  readonly deadline: Deadline;
  readonly log: StepLog;
  /** Tells people; what goes wrong with that is logged, never thrown. */
  notify(notice: Notice): Promise<void>;
}

/** One of AWS's four steps: it succeeds by returning and fails by throwing a RotationError. */
export type StepFunction = (request: RotationRequest, invocation: Invocation) => Promise<void>;

/** What the environment fixes for every rotation of this function. */
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

/** What the steps are built from, once, at cold start. */
export interface StepDeps {
  readonly secrets: SecretStore;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  readonly settings: RotationSettings;
  /** What finds a lost successor again. @default - a lost successor stays lost */
  readonly recovery?: RecoveryCredential;
}

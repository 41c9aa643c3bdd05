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

/** What every step works with. Built once, at cold start. */
export interface Services {
  readonly secrets: SecretStore;
  readonly tokens: AccessTokens;
  readonly settings: RotationSettings;
  /** What recovers a lost successor. @default - a lost successor stays lost */
  readonly recovery?: RecoveryCredential;
}

/** One invocation of a step: its request, and all that it may use. */
export interface Run extends Services {
  readonly request: RotationRequest;
  readonly time: RunTime;
  readonly log: StepLog;
  /** Sends a notice to people. Never throws: what goes wrong is logged. */
  notify(notice: Notice): Promise<void>;
}

/** One of AWS's four steps: it succeeds by returning and fails by throwing a RotationError. */
export type StepFunction = (run: Run) => Promise<void>;

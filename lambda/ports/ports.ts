import type { Details, NoticeCode } from '../failure.ts';
import type { RecoveryCredential } from './recovery-port.ts';

/** What Secrets Manager asks of a step. `secretId` is an ARN; `versionId` the version to make. */
export interface RotationRequest {
  readonly secretId: string;
  readonly versionId: string;
  /** AWS's proof of where a put comes from; new in every step, absent in old events. A secret. */
  readonly rotationToken?: string;
}

/** The time that this invocation has left. */
export interface Deadline {
  remainingMs(): number;
}

export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}

/** A version's id, its exact string and its staging labels, as one read showed them. */
export interface SecretVersion {
  readonly versionId: string;
  readonly secretString: string;
  readonly stages: readonly string[];
}

/** A version as ListSecretVersionIds shows it: without its value. */
export interface ListedVersion {
  readonly versionId: string;
  readonly createdAt: Date;
}

/** The versions of a secret, or where the end of the list was not reached, some of them. */
export interface VersionList {
  readonly versions: readonly ListedVersion[];
  readonly isWhole: boolean;
}

/** What DescribeSecret says. Versions without a label are not listed. */
export interface SecretDescription {
  readonly name: string;
  readonly rotationEnabled: boolean;
  readonly stages: Readonly<Record<string, readonly string[]>>;
  /** Days between rotations, where the schedule has an even interval. */
  readonly rotationIntervalDays?: number;
  readonly nextRotationDate?: Date;
}

/**
 * The secret in AWS Secrets Manager. Reads are eventually consistent, and are
 * given up after `timeoutMs`, where it is given.
 *
 * Every method throws RotationError `STORE_DENIED` (IAM or KMS refuses, or Secrets
 * Manager what was asked: `details.reason` is `request-refused` then),
 * `STORE_UNAVAILABLE` (anything transient) or `SECRET_MISSING` (no such secret,
 * or marked for deletion).
 */
export interface SecretStore {
  describe(secretId: string, timeoutMs?: number): Promise<SecretDescription>;
  /** The value of `versionId` while it is `AWSPENDING`; undefined when it has none, or none visible yet. */
  readPending(request: RotationRequest, timeoutMs?: number): Promise<SecretVersion | undefined>;
  /** A version by its id alone, whatever its labels; undefined when it has no value, or none visible yet. */
  readVersion(
    secretId: string,
    versionId: string,
    timeoutMs?: number,
  ): Promise<SecretVersion | undefined>;
  /** @throws {RotationError} also `SECRET_MISSING` when no value was ever put */
  readCurrent(secretId: string, timeoutMs?: number): Promise<SecretVersion>;
  /**
   * Puts a version's own string again under its own id, which Secrets Manager
   * ignores: permission, key and state of the secret show, and nothing changes.
   */
  proveWritable(
    request: RotationRequest,
    version: SecretVersion,
    timeoutMs?: number,
  ): Promise<void>;
  /**
   * Puts the value of `versionId` as `AWSPENDING`. One attempt, given up after
   * `timeoutMs`; repeating the same put is harmless.
   *
   * @returns `taken` when the version already has another value
   */
  storePending(
    request: RotationRequest,
    secretString: string,
    timeoutMs: number,
  ): Promise<'stored' | 'taken'>;
  /**
   * Every version that the secret still has, those without a label included, with
   * one time-out for all pages. Fails only where not even the first page comes.
   */
  listVersions(secretId: string, timeoutMs?: number): Promise<VersionList>;
  /** Moves `AWSCURRENT` from one version to another. One attempt. */
  promote(
    secretId: string,
    versions: { readonly from: string; readonly to: string },
    timeoutMs?: number,
  ): Promise<void>;
}

/** Which rotate endpoint serves a token; `id` is a number or a full path, not encoded. */
export type TokenOwner =
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'token' };

/** Why GitLab, or something before it, refuses. Each leads to another advice. */
export type Refusal =
  | 'scope-missing'
  | 'project-not-found' // wrong or private project or group, being deleted, or the caller's IP is not allowed
  | 'path-not-found' // the same, where it is named by its path
  | 'path-decoded' // GitLab does not know the route: something on the way decodes %2F in the path of the project
  | 'not-a-member' // the token belongs to another project, or a group token asks a project
  | 'not-a-bot-token' // a person's or service account's token on a project or group endpoint
  | 'project-moved'
  | 'gitlab-too-old' // before 17.9
  | 'not-a-member-or-gitlab-too-old' // one of the two, and the version could not be asked
  | 'path-changed-or-gitlab-too-old' // the same
  | 'permission-missing' // a fine-grained token without the permission
  | 'not-active' // GitLab answers the token, and says that it is not active
  | 'legacy-token' // this GitLab lets fine-grained tokens alone rotate
  | 'not-an-access-token' // a token of another kind: OAuth, CI job, deploy
  | 'user-blocked'
  | 'ip-not-allowed'
  | 'read-only'
  | 'forbidden' // any other 403
  | 'request-invalid' // GitLab calls our request wrong
  | 'clocks-differ' // GitLab was not asked: by its clock the successor would be born dead
  | 'standby-differs' // GitLab was not asked: consumers could not take the standby for the current token
  | 'not-gitlab' // no GitLab API at this URL
  | 'intercepted' // GitLab has answered the probe, but something before it answers this request
  | 'other';

/** What identifies an answer to the operators of GitLab. */
export interface AnswerOrigin {
  readonly status?: number;
  readonly requestId?: string;
  /** Why GitLab serves nobody now, in its own words for it. */
  readonly says?: 'maintenance';
  /** How long GitLab asks to wait. */
  readonly retryAfterMs?: number;
}

/** A refusal. `permission`: what a fine-grained token lacks, as GitLab names it. */
export interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
  readonly permission?: string;
}

/** Why a token is dead; `unknown` also when its bot user or the whole GitLab is another. */
export type DeathReason = 'expired' | 'revoked' | 'unusable' | 'unknown';

/**
 * What became of a probe: a GET that tells whether a token lives and never
 * changes anything. `gitlabTime`: what GitLab's clock showed, where it told.
 */
export type Probe =
  | ({
      readonly kind: 'alive';
      readonly token: LivingToken;
      readonly gitlabTime?: Date;
    } & AnswerOrigin)
  | ({ readonly kind: 'dead'; readonly reason: DeathReason } & AnswerOrigin)
  | (Refused & AnswerOrigin)
  | ({ readonly kind: 'rate-limited' } & AnswerOrigin)
  | ({ readonly kind: 'unreachable'; readonly reason: string } & AnswerOrigin);

/** What GitLab tells of a living token. `expiresAt` is `YYYY-MM-DD` (dead from 00:00 UTC on), null for never. */
export interface LivingToken {
  readonly tokenId: string;
  readonly userId?: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  /** A fine-grained token: its scopes say nothing of what it may do. */
  readonly granular?: true;
  /** False when its scopes rule out that it rotates itself. */
  readonly canRotate: boolean;
}

/** Access levels by `project <id>` and `group <id>`. */
export type Reach = Readonly<Record<string, string>>;

/** What became of the question for it. `untold`: this GitLab does not know the question, or does not let the token ask. */
export type ReachAnswer =
  /** Page by page, in GitLab's order; `isWhole`: false where the end was not reached. */
  | { readonly kind: 'told'; readonly pages: readonly Reach[]; readonly isWhole: boolean }
  | { readonly kind: 'untold' }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs?: number }
  | { readonly kind: 'unreachable' };

/** A successor, as the one answer that shows it told it; what looked odd is left out. */
export interface IssuedToken {
  readonly token: string;
  readonly tokenId?: string;
  readonly userId?: string;
  /** `YYYY-MM-DD`, or null for never. */
  readonly expiresAt?: string | null;
}

/**
 * What became of one rotate request. Only the kinds that say "nothing happened"
 * (`not-sent`, `rate-limited`, `date-too-far`, `refused`) may ever be followed
 * by another: a token presented after it was rotated makes GitLab revoke its
 * successor.
 */
export type RotateOutcome =
  | ({ readonly kind: 'rotated'; readonly successor: IssuedToken } & AnswerOrigin)
  | ({ readonly kind: 'not-sent'; readonly reason: string } & AnswerOrigin)
  | ({ readonly kind: 'rate-limited' } & AnswerOrigin)
  | ({ readonly kind: 'date-too-far'; readonly latest: string } & AnswerOrigin)
  | (Refused & AnswerOrigin)
  | ({ readonly kind: 'dead'; readonly reason: DeathReason } & AnswerOrigin)
  /** Perhaps somebody else rotated the token first: a probe must tell. */
  | ({ readonly kind: 'perhaps-raced' } & AnswerOrigin)
  | ({ readonly kind: 'unknown' } & AnswerOrigin);

/** GitLab's access tokens. No method retries, none throws for what GitLab or the network does. */
export interface AccessTokens {
  /** Asks whether a token lives. Harmless with a dead token. */
  probe(token: string, timeoutMs: number): Promise<Probe>;
  /**
   * Lets a token rotate itself: one POST. With a dead token it revokes the
   * token's living successors, so probe first.
   *
   * @param living - what the probe told: it rules out some reasons of a refusal
   */
  rotate(
    token: string,
    owner: TokenOwner,
    expiresAt: string,
    timeoutMs: number,
    living?: LivingToken,
  ): Promise<RotateOutcome>;
  /** What a token can reach, and in which role. Harmless. */
  reach(token: string, timeoutMs: number): Promise<ReachAnswer>;
  /** Revokes a token with itself. @returns whether it is surely dead now */
  revoke(token: string, timeoutMs: number): Promise<boolean>;
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

/** Which rotate endpoint serves a token; `id` is a number or a full path, not encoded. */
export type TokenOwner =
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'token' };

/** Why GitLab, or something before it, refuses. Each has its own advice in the alert. */
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
  | 'standby-differs' // GitLab was not asked: consumers could not take the standby for the current token
  | 'not-gitlab' // no GitLab API at this URL
  | 'intercepted' // GitLab has answered the probe, but something before it answers this request
  | 'other';

/** What identifies an answer to the operators of GitLab. */
export interface AnswerOrigin {
  readonly status?: number;
  readonly requestId?: string;
  /** Why GitLab serves nobody now, where it says so. */
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

/**
 * Why GitLab does not accept a token any more: why it is dead, in short. `unknown` also where
 * its bot user was deleted, or the whole GitLab is another.
 */
export type DeathReason = 'expired' | 'revoked' | 'unusable' | 'unknown';

/** Why a request that only reads got nothing to read. `dead`: the token that it presents. */
export type ReadFailure =
  | ({ readonly kind: 'dead'; readonly reason: DeathReason } & AnswerOrigin)
  | (Refused & AnswerOrigin)
  | ({ readonly kind: 'rate-limited' } & AnswerOrigin)
  | ({ readonly kind: 'unreachable'; readonly reason: string } & AnswerOrigin);

/** What became of a probe: a GET that shows whether a token is active, and never changes anything. */
export type Probe =
  | ({ readonly kind: 'active'; readonly token: ActiveToken } & AnswerOrigin)
  | ReadFailure;

/** What GitLab says of an active token. `expiresAt` is `YYYY-MM-DD` (expired from 00:00 UTC on), null for never. */
export interface ActiveToken {
  readonly tokenId: string;
  readonly userId?: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  /** A fine-grained token: its scopes do not show what it may do. */
  readonly granular?: true;
  /** False when its scopes rule out that it rotates itself. */
  readonly canRotate: boolean;
}

/** Access levels by `project <id>` and `group <id>`. */
export type Memberships = Readonly<Record<string, string>>;

/** GitLab's answer to the question for them. `untold`: this GitLab does not know the question, or does not let the token ask. */
export type MembershipsAnswer =
  /** Page by page, in GitLab's order; `isWhole`: false where the end was not reached. */
  | { readonly kind: 'told'; readonly pages: readonly Memberships[]; readonly isWhole: boolean }
  | { readonly kind: 'untold' }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs?: number }
  | { readonly kind: 'unreachable' };

/** A successor, as the only answer that shows it describes it. What looked odd there is left out. */
export interface IssuedToken {
  readonly token: string;
  readonly tokenId?: string;
  readonly userId?: string;
  /** `YYYY-MM-DD`, or null for never. */
  readonly expiresAt?: string | null;
}

/**
 * The result of one rotate request. Another request may follow only the kinds that mean
 * that nothing happened (`not-sent`, `rate-limited`, `date-too-far`, `refused`): a token
 * presented after it was rotated makes GitLab revoke its successor.
 */
export type RotateOutcome =
  | ({ readonly kind: 'rotated'; readonly successor: IssuedToken } & AnswerOrigin)
  | ({ readonly kind: 'not-sent'; readonly reason: string } & AnswerOrigin)
  | ({ readonly kind: 'rate-limited' } & AnswerOrigin)
  | ({ readonly kind: 'date-too-far'; readonly latest: string } & AnswerOrigin)
  | (Refused & AnswerOrigin)
  | ({ readonly kind: 'dead'; readonly reason: DeathReason } & AnswerOrigin)
  /** Perhaps somebody else rotated the token first: a probe shows it. */
  | ({ readonly kind: 'perhaps-raced' } & AnswerOrigin)
  | ({ readonly kind: 'unknown' } & AnswerOrigin);

/** GitLab's access tokens. No method retries, none throws for what GitLab or the network does. */
export interface AccessTokens {
  /** Asks whether a token is active. Harmless with a revoked token. */
  probe(token: string, timeoutMs: number): Promise<Probe>;
  /**
   * Lets a token rotate itself: one POST. With a revoked token it makes GitLab revoke the
   * token's active successors, so probe first.
   *
   * @param active - the result of the probe: it rules out some reasons of a refusal
   */
  rotate(
    token: string,
    owner: TokenOwner,
    expiresAt: string,
    timeoutMs: number,
    active: ActiveToken,
  ): Promise<RotateOutcome>;
  /** The projects and groups that a token can reach, and its role in each. Harmless. */
  memberships(token: string, timeoutMs: number): Promise<MembershipsAnswer>;
  /** Lets a token revoke itself. @returns whether it is surely revoked now */
  revoke(token: string, timeoutMs: number): Promise<boolean>;
}

/** The calls that only read. */
export type TokenReader = Pick<AccessTokens, 'probe' | 'memberships'>;

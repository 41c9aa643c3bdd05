import type {
  AnswerOrigin,
  DeathReason,
  Refused,
  RotateOutcome,
  TokenOwner,
} from './access-tokens.ts';

/**
 * A token as GitLab lists it: without its value. `name` and `createdAt` (ISO 8601) only
 * as far as they may be told, since a name is people's own text.
 */
export interface ListedToken {
  readonly tokenId: string;
  readonly userId: string;
  readonly name: string;
  readonly createdAt: string;
}

/** What became of a look at the tokens of a project or group. */
export type TokenListing =
  | ({ readonly kind: 'listed'; readonly tokens: readonly ListedToken[] } & AnswerOrigin)
  | (Refused & AnswerOrigin)
  /** The credential itself. */
  | ({ readonly kind: 'dead'; readonly reason: DeathReason } & AnswerOrigin)
  | ({ readonly kind: 'rate-limited' } & AnswerOrigin)
  | ({ readonly kind: 'unreachable'; readonly reason: string } & AnswerOrigin);

/** A project or group, which has tokens that others may administer. */
export type Resource = Exclude<TokenOwner, { kind: 'token' }>;

/**
 * The tokens of a project or group, as a Maintainer (of a group: an Owner)
 * administers them. `credential` is that person's token. No method retries, none
 * throws for what GitLab or the network does.
 */
export interface AdministeredTokens {
  /** One token, a dead one too. */
  find(
    credential: string,
    resource: Resource,
    tokenId: string,
    timeoutMs: number,
  ): Promise<TokenListing>;
  /** The living ones, all of them. */
  listActive(credential: string, resource: Resource, timeoutMs: number): Promise<TokenListing>;
  /**
   * Rotates a token by its id. A dead token is refused, and nobody is revoked;
   * but a dead *credential* would kill its own successors, so probe it first.
   */
  rotateById(
    credential: string,
    resource: Resource,
    tokenId: string,
    expiresAt: string,
    timeoutMs: number,
  ): Promise<RotateOutcome>;
}

/** The token of a person or a service account, kept in a secret of its own, and what it may do. */
export interface RecoveryCredential {
  /** An ARN. */
  readonly secretId: string;
  readonly administered: AdministeredTokens;
}

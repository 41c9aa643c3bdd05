import type { AnswerOrigin, ReadFailure, RotateOutcome, TokenOwner } from './access-tokens.ts';

/**
 * A token as GitLab lists it: without its value. `name` and `createdAt` (ISO 8601) only
 * as far as they may be disclosed, since a name is people's own text.
 */
export interface ListedToken {
  readonly tokenId: string;
  readonly userId: string;
  readonly name: string;
  readonly createdAt: string;
}

/** The result of a request for the tokens of a project or group. */
export type TokenListing =
  | ({ readonly kind: 'listed'; readonly tokens: readonly ListedToken[] } & AnswerOrigin)
  | ReadFailure;

/** A project or group, which has tokens that others may administer. */
export type Resource = Exclude<TokenOwner, { kind: 'token' }>;

/**
 * The tokens of a project or group, as a Maintainer (of a group: an Owner)
 * administers them. `credential` is that person's token. No method retries, none
 * throws for what GitLab or the network does.
 */
export interface AdministeredTokens {
  /** One token, active or not. */
  find(
    credential: string,
    resource: Resource,
    tokenId: string,
    timeoutMs: number,
  ): Promise<TokenListing>;
  /** All active tokens. */
  listActive(credential: string, resource: Resource, timeoutMs: number): Promise<TokenListing>;
  /**
   * Rotates a token by its id. A revoked token is refused, and no other is revoked.
   * But with a revoked *credential* GitLab would revoke its successors, so probe it first.
   */
  rotateById(
    credential: string,
    resource: Resource,
    tokenId: string,
    expiresAt: string,
    timeoutMs: number,
  ): Promise<RotateOutcome>;
}

/**
 * Where the token of a person or a service account is kept, in a secret of its own, and the client
 * for what it may do. Its value is read only when it is needed.
 */
export interface RecoveryCredential {
  /** An ARN. */
  readonly secretId: string;
  readonly administered: AdministeredTokens;
}

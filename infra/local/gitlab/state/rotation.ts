import { addDays } from './dates.ts';
import type { Holds } from './holds.ts';
import type { Token, User } from './model.ts';
import { badRequest, Refused } from './refusals.ts';
import { isSince } from './settings.ts';
import type { GitLabState } from './state.ts';
import { routableValue } from './token-values.ts';

const DEFAULT_LIFETIME_DAYS = 7;
const LEGACY_DISABLED =
  'Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.';

/** A token at the only moment when its value is known. */
export interface IssuedToken {
  readonly token: Token;
  readonly value: string;
}

/** What a rotation goes by: the token as it was read, which may be a while ago. */
export interface Rotation {
  readonly token: Token;
  readonly readAsRevoked: boolean;
  /** `YYYY-MM-DD`. @default - in seven days, or never where the instance requires no expiry */
  readonly expiresAt: string | undefined;
}

/**
 * Revokes a token and makes its successor, in one transaction that looks at
 * neither again: several at once all succeed
 * (`app/services/personal_access_tokens/rotate_service.rb`).
 *
 * @throws {Refused} 400; nothing has changed then
 */
export async function issueSuccessor(
  state: GitLabState,
  holds: Holds,
  { token, readAsRevoked, expiresAt }: Rotation,
): Promise<IssuedToken> {
  const { settings } = state;
  const user = state.user(token.userId);
  if (readAsRevoked) {
    throw new Refused(badRequest('Token already revoked'));
  }
  const isLegacyOfPerson = user.kind !== 'project_bot' && !token.granularScopes;
  if (settings.legacyRotationDisabled && isLegacyOfPerson) {
    throw new Refused(badRequest(LEGACY_DISABLED));
  }
  await holds.pass('before-commit');
  if (settings.revokingFails) {
    throw new Refused(badRequest('Failed to revoke token'));
  }
  const until = expiresAt ?? defaultExpiry(state);
  refuseTooFar(state, until);
  return commit(state, token, user, until);
}

function defaultExpiry(state: GitLabState): string | null {
  const { requireExpiry, secondMaxDays } = state.settings;
  return requireExpiry || secondMaxDays !== undefined
    ? addDays(state.today, DEFAULT_LIFETIME_DAYS)
    : null;
}

/** The maximum itself is accepted, whatever "before" says. There is no minimum. */
function refuseTooFar(state: GitLabState, expiresAt: string | null): void {
  const { requireExpiry, maxDays, secondMaxDays } = state.settings;
  const limits = [...(requireExpiry ? [maxDays] : []), secondMaxDays]
    .filter((days) => days !== undefined)
    .map((days) => addDays(state.today, days));
  const exceeded = limits.filter((limit) => expiresAt !== null && expiresAt > limit);
  if (exceeded.length > 0) {
    const reasons = exceeded.map((limit) => `Expiration date must be before ${limit}`);
    throw new Refused(badRequest(reasons.join(' and ')));
  }
}

/** The transaction, in one piece: nothing can come between its statements. */
function commit(
  state: GitLabState,
  token: Token,
  user: User,
  expiresAt: string | null,
): IssuedToken {
  const { name, description, scopes, granularScopes, impersonation, userId } = token;
  token.revoked = true;
  token.revokedBy = 'rotation';
  const successor = insertToken(state, {
    userId,
    name,
    description,
    scopes,
    ...(granularScopes && { granularScopes }),
    impersonation,
    expiresAt,
    predecessorId: token.id,
  });
  if (user.resource && isSince(state.settings, '17.9')) {
    const member = state.member(userId, user.resource);
    if (member) {
      member.expiresAt = null;
    }
  }
  return successor;
}

/** What is said of a token when it is made. */
export type NewToken = Omit<Token, 'id' | 'createdAt' | 'lastUsedAt' | 'revoked' | 'revokedBy'>;

/** @param value for a token whose value a test chooses. @default - as the settings say */
export function insertToken(state: GitLabState, fields: NewToken, value?: string): IssuedToken {
  const token: Token = {
    id: state.tokens.length + 1,
    ...fields,
    createdAt: state.now(),
    lastUsedAt: null,
    revoked: false,
  };
  const issued = { token, value: value ?? nextValue(state, token) };
  state.addToken(token, issued.value);
  return issued;
}

function nextValue(state: GitLabState, { id, userId, predecessorId }: Token): string {
  const { tokenPrefix, tokenValues } = state.settings;
  if (tokenValues === 'routable') {
    return routableValue(tokenPrefix, state.user(userId));
  }
  if (predecessorId === undefined) {
    return `token-${id}`;
  }
  return `successor-${state.tokens.filter((each) => each.predecessorId !== undefined).length + 1}`;
}

/** Reuse detection: revokes what lives of a token's descendants, over all generations. */
export function revokeDescendants(state: GitLabState, ancestor: Token): void {
  for (const child of state.tokens.filter(({ predecessorId }) => predecessorId === ancestor.id)) {
    if (state.isActive(child)) {
      child.revoked = true;
      child.revokedBy = 'reuse-detection';
    }
    revokeDescendants(state, child);
  }
}

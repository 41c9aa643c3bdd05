import { safeTimestamp, safeTokenName } from '../disclosure.ts';
import type { ActiveToken, IssuedToken, Memberships } from '../ports/access-tokens.ts';
import type { ListedToken } from '../ports/administered-tokens.ts';
import { isToken } from '../secret/token-text.ts';

/** The members of a JSON object; undefined for anything else. */
export type JsonObject = Readonly<Record<string, unknown>>;

const SCOPE = /^[a-z][a-z0-9_]{0,39}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATES = /\b\d{4}-\d{2}-\d{2}\b/g;

/** Reads a body that should be a JSON object. */
export function parseObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isObject(value) ? { ...value } : undefined;
}

/** Reads the objects of a body that should be a JSON list. */
export function parseObjects(text: string): readonly JsonObject[] | undefined {
  const value = parseJson(text);
  return Array.isArray(value) ? value.filter(isObject) : undefined;
}

/** A text; empty for anything else. `String` would throw for some values. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * `GET /personal_access_tokens/self`: `id`, `user_id`, `scopes`, `expires_at`, `granular`.
 *
 * @returns undefined when it is not as documented, or describes a token that is not active
 */
export function parseActiveToken(body: JsonObject | undefined): ActiveToken | undefined {
  const tokenId = readId(body);
  const userId = readId(body, 'user_id');
  const { scopes, expires_at: expiresAt = null, granular } = body ?? {};
  if (tokenId === undefined || !isStrings(scopes) || !isExpiry(expiresAt) || isInactive(body)) {
    return undefined;
  }
  // The scopes of a fine-grained token (GitLab 19) do not say whether it can rotate itself.
  const canRotate = granular === true || scopes.includes('self_rotate') || scopes.includes('api');
  return {
    tokenId,
    ...(userId !== undefined && { userId }),
    // Alerts name them, so anything that is no scope is left out.
    scopes: scopes.filter((scope) => SCOPE.test(scope)),
    expiresAt,
    ...(granular === true && { granular }),
    canRotate,
  };
}

/**
 * Whether a description of a token says that it is not active. GitLab answers a revoked or
 * expired token with 401. With 200 it describes a fine-grained one whose feature flag is off,
 * perhaps for one user only. So this does not prove that the token is revoked.
 */
export function isInactive(body: JsonObject | undefined): boolean {
  const { revoked, active } = body ?? {};
  return readId(body) !== undefined && (revoked === true || active === false);
}

/**
 * The answer to a rotate request: `token`, `id`, `user_id`, `expires_at`. GitLab shows the token
 * only once, so a usable one is taken whatever the other members look like.
 */
export function parseIssuedToken(body: JsonObject | undefined): IssuedToken | undefined {
  const { token, expires_at: expiresAt } = body ?? {};
  if (typeof token !== 'string' || !isToken(token)) {
    return undefined;
  }
  const tokenId = readId(body);
  const userId = readId(body, 'user_id');
  return {
    token,
    ...(tokenId !== undefined && { tokenId }),
    ...(userId !== undefined && { userId }),
    ...(isExpiry(expiresAt) && { expiresAt }),
  };
}

/** An entry of a list of tokens: `id`, `user_id`, `name`, `created_at`. */
export function parseListedToken(body: JsonObject | undefined): ListedToken | undefined {
  const tokenId = readId(body);
  const userId = readId(body, 'user_id');
  const { name, created_at: createdAt } = body ?? {};
  return tokenId === undefined || userId === undefined
    ? undefined
    : {
        tokenId,
        userId,
        name: safeTokenName(asText(name)),
        createdAt: safeTimestamp(asText(createdAt)),
      };
}

/**
 * `GET /personal_access_tokens/self/associations`: `groups` and `projects`, each with
 * `id` and `access_levels`, a number or an object of numbers. What has no id is left out.
 */
export function parseMemberships(body: JsonObject | undefined): Memberships | undefined {
  const { groups, projects } = body ?? {};
  if (!Array.isArray(groups) || !Array.isArray(projects)) {
    return undefined;
  }
  const levels = (kind: string, items: readonly unknown[]) =>
    items.filter(isObject).flatMap((item) => {
      const id = readId(item);
      return id === undefined ? [] : [[`${kind} ${id}`, highestLevel(item)] as const];
    });
  const all = [...levels('group', groups), ...levels('project', projects)];
  return Object.fromEntries(all.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The role that counts, a member's own or an inherited one; 0 where there is none. */
function highestLevel({ access_levels: levels }: JsonObject): string {
  const list = isObject(levels) ? Object.values(levels) : [levels];
  return String(Math.max(0, ...list.filter((level) => Number.isSafeInteger(level)).map(Number)));
}

/** The earliest date in a text that GitLab may have translated, `YYYY-MM-DD`. */
export function earliestDate(text: string): string | undefined {
  return text.match(DATES)?.filter(isDate).toSorted()[0];
}

/** `GET /version`: major and minor. */
export function parseVersion(body: JsonObject | undefined): readonly [number, number] | undefined {
  const { version } = body ?? {};
  const found = /^(\d{1,4})\.(\d{1,4})/.exec(asText(version));
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error is not bound: its message quotes the body, which may hold a token.
    return undefined;
  }
}

function readId(body: JsonObject | undefined, member = 'id'): string | undefined {
  const id = body?.[member];
  return Number.isSafeInteger(id) && Number(id) > 0 ? String(id) : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isExpiry(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && isDate(value));
}

/** An existing day: not 2026-02-30. */
function isDate(text: string): boolean {
  const time = DATE.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

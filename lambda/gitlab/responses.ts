import type { IssuedToken, LivingToken, Reach } from '../ports/access-tokens.ts';
import type { ListedToken } from '../ports/administered-tokens.ts';
import { isToken } from '../secret/token-text.ts';
import { tellableName, tellableTime } from './tellable.ts';

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

/** Reads a body that should be a JSON list; what is no object in it is left out. */
export function parseObjects(text: string): readonly JsonObject[] | undefined {
  const value = parseJson(text);
  return Array.isArray(value) ? value.filter(isObject) : undefined;
}

/** A text; empty where there is anything else, which `String` may refuse to convert. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * `GET /personal_access_tokens/self`: `id`, `user_id`, `scopes`, `expires_at`, `granular`.
 *
 * @returns undefined when it is not as documented, or speaks of a token that is dead
 */
export function parseLivingToken(body: JsonObject | undefined): LivingToken | undefined {
  const tokenId = idOf(body);
  const userId = idOf(body, 'user_id');
  const { scopes, expires_at: expiresAt = null, granular } = body ?? {};
  if (tokenId === undefined || !isStrings(scopes) || !isExpiry(expiresAt)) {
    return undefined;
  }
  if (isInactive(body)) {
    // A dead token, rotated, would kill its successor.
    return undefined;
  }
  // The scopes of a granular token (GitLab 19) prove nothing: the rotation decides.
  const canRotate = granular === true || scopes.includes('self_rotate') || scopes.includes('api');
  // They are told to people, so whatever else stands among them is left out.
  return {
    tokenId,
    ...(userId !== undefined && { userId }),
    scopes: scopes.filter((scope) => SCOPE.test(scope)),
    expiresAt,
    ...(granular === true && { granular }),
    canRotate,
  };
}

/**
 * Whether a description of a token says that it is not active. GitLab answers a dead token
 * with 401; with 200 it says so of a fine-grained one whose feature flag is off, perhaps for
 * one user only. So this is no proof of death.
 */
export function isInactive(body: JsonObject | undefined): boolean {
  const { revoked, active } = body ?? {};
  return idOf(body) !== undefined && (revoked === true || active === false);
}

/**
 * The answer to a rotate request: `token`, `id`, `user_id`, `expires_at`. A token that can
 * be used is taken whatever the rest looks like, since it is shown only once.
 */
export function parseIssuedToken(body: JsonObject | undefined): IssuedToken | undefined {
  const { token, expires_at: expiresAt } = body ?? {};
  if (typeof token !== 'string' || !isToken(token)) {
    return undefined;
  }
  const tokenId = idOf(body);
  const userId = idOf(body, 'user_id');
  return {
    token,
    ...(tokenId !== undefined && { tokenId }),
    ...(userId !== undefined && { userId }),
    ...(isExpiry(expiresAt) && { expiresAt }),
  };
}

/** An entry of a list of tokens: `id`, `user_id`, `name`, `created_at`; the last two as they may be told. */
export function parseListedToken(body: JsonObject | undefined): ListedToken | undefined {
  const tokenId = idOf(body);
  const userId = idOf(body, 'user_id');
  const { name, created_at: createdAt } = body ?? {};
  return tokenId === undefined || userId === undefined
    ? undefined
    : {
        tokenId,
        userId,
        name: tellableName(textOf(name)),
        createdAt: tellableTime(textOf(createdAt)),
      };
}

/**
 * `GET /personal_access_tokens/self/associations`: `groups` and `projects`, each with
 * `id` and `access_levels`, a number or an object of numbers. What has no id is left out.
 */
export function parseReach(body: JsonObject | undefined): Reach | undefined {
  const { groups, projects } = body ?? {};
  if (!Array.isArray(groups) || !Array.isArray(projects)) {
    return undefined;
  }
  const levels = (kind: string, items: readonly unknown[]) =>
    items.filter(isObject).flatMap((item) => {
      const id = idOf(item);
      return id === undefined ? [] : [[`${kind} ${id}`, highestLevel(item)] as const];
    });
  const all = [...levels('group', groups), ...levels('project', projects)];
  return Object.fromEntries(all.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The one that counts, whether it is a member's own or inherited; 0 where none is told. */
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
  const found = /^(\d{1,4})\.(\d{1,4})/.exec(textOf(version));
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not bound: its message quotes the body, which may hold a token.
    return undefined;
  }
}

function idOf(body: JsonObject | undefined, member = 'id'): string | undefined {
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

/** A day that there is: not 2026-02-30. */
function isDate(text: string): boolean {
  const time = DATE.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

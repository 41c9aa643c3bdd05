import type {
  DeathReason,
  MembershipsAnswer,
  Probe,
  ReadFailure,
  Refusal,
  RotateOutcome,
  TokenOwner,
} from '../ports/access-tokens.ts';
import {
  asText,
  earliestDate,
  isInactive,
  type JsonObject,
  parseActiveToken,
  parseIssuedToken,
  parseMemberships,
  parseObject,
} from './parse-json.ts';
import {
  asRefused,
  deathReason,
  isRefusal,
  isUnknownRoute,
  readRefusal,
  unknownRoute,
} from './refusals.ts';
import {
  type Answer,
  answerOrigin,
  asRateLimited,
  asUnreachable,
  type GitLabResponse,
} from './response.ts';

/** Statuses of a refusal by GitLab, or by a proxy that did not pass the request on. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 413, 414, 415, 429, 431]);

const PERSONAL_ONLY = /requires token type to be a personal access token/;

/** Reads the response to a probe. */
export function readProbe(response: GitLabResponse): Probe {
  const origin = answerOrigin(response);
  if (response.kind !== 'answered') {
    return { kind: 'unreachable', reason: response.reason, ...origin };
  }
  const { status } = response;
  const body = parseObject(response.text);
  const active = status === 200 ? parseActiveToken(body) : undefined;
  if (active !== undefined) {
    return { kind: 'active', token: active, ...origin };
  }
  if (status === 200 && isInactive(body)) {
    return { kind: 'refused', refusal: 'not-active', ...origin };
  }
  const death = status === 401 ? deathReason(body) : undefined;
  return { ...readFailure(response, death, probeRefusal), ...origin };
}

/**
 * Reads an answer that does not hold what a request asked for that only reads.
 *
 * @param death - why the token that it presents is dead, where the answer says so
 */
export function readFailure(
  answer: Answer,
  death: DeathReason | undefined,
  refusalIn: (status: number, body: JsonObject) => Refusal,
): ReadFailure {
  const { status, text } = answer;
  if (death !== undefined) {
    return { kind: 'dead', reason: death };
  }
  if (status === 429) {
    return asRateLimited(answer);
  }
  const body = parseObject(text);
  return isRefusalStatus(status) && isRefusal(body)
    ? asRefused(refusalIn(status, body), body)
    : asUnreachable(answer);
}

function probeRefusal(status: number, body: JsonObject): Refusal {
  switch (status) {
    case 400:
      // Tokens of projects and groups are personal access tokens too.
      return PERSONAL_ONLY.test(asText(body['message'])) ? 'not-an-access-token' : 'other';
    case 404:
      // The path of a probe names no project, and every GitLab knows it.
      return 'not-gitlab';
    default:
      return readRefusal(status, body);
  }
}

function isRefusalStatus(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Reads one page of a token's memberships. */
export function readMemberships(response: GitLabResponse): MembershipsAnswer {
  if (response.kind !== 'answered') {
    return { kind: 'unreachable' };
  }
  const { status, text } = response;
  if (status === 429) {
    return asRateLimited(response);
  }
  const body = parseObject(text);
  const memberships = status === 200 ? parseMemberships(body) : undefined;
  if (memberships !== undefined) {
    return { kind: 'told', pages: [memberships], isWhole: true };
  }
  const isGitLabs =
    status === 200 ? body !== undefined : isRefusalStatus(status) && isRefusal(body);
  return { kind: isGitLabs ? 'untold' : 'unreachable' };
}

/**
 * Reads the response to a rotate request. Only known refusals count as such, since any other
 * answer may hide a rotation.
 *
 * @param presented - the credential of the request, which is no successor
 * @param owner - the owner in the path of the request
 */
export function readRotateOutcome(
  response: GitLabResponse,
  presented: string,
  owner: TokenOwner,
): RotateOutcome {
  const origin = answerOrigin(response);
  switch (response.kind) {
    case 'not-sent':
      return { kind: 'not-sent', reason: response.reason, ...origin };
    case 'no-answer':
      return { kind: 'unknown', ...origin };
    case 'answered':
      return { ...readRotateAnswer(response, presented, owner), ...origin };
  }
}

function readRotateAnswer(answer: Answer, presented: string, owner: TokenOwner): RotateOutcome {
  const { status, text } = answer;
  const body = parseObject(text);
  if (status >= 200 && status < 300) {
    const successor = parseIssuedToken(body);
    return successor === undefined || successor.token === presented
      ? { kind: 'unknown' }
      : { kind: 'rotated', successor };
  }
  if (!REFUSALS.has(status)) {
    return { kind: 'unknown' };
  }
  switch (status) {
    case 400:
      return rotateBadRequest(body);
    case 401:
      return rotateUnauthorized(body);
    case 429:
      return asRateLimited(answer);
    default:
      return asRefused(rotateRefusal(status, body, owner), body);
  }
}

/** 400: GitLab rejects the date or cannot read the request, or another rotation came first. */
function rotateBadRequest(body: JsonObject | undefined): RotateOutcome {
  const { message } = body ?? {};
  const refusal = readRefusal(400, body);
  if (message === undefined || refusal === 'legacy-token') {
    return { kind: 'refused', refusal };
  }
  const latest = earliestDate(messageText(message));
  return latest === undefined ? { kind: 'perhaps-raced' } : { kind: 'date-too-far', latest };
}

/** A message as text. It may be a list or an object of texts. */
function messageText(message: unknown): string {
  try {
    return JSON.stringify(message);
  } catch {
    // It is nested deeper than the stack, so GitLab did not write it.
    return '';
  }
}

/** 401: on a rotate path only `invalid_token` says that the token is not active. */
function rotateUnauthorized(body: JsonObject | undefined): RotateOutcome {
  const reason = deathReason(body);
  switch (reason) {
    case undefined:
      return { kind: 'refused', refusal: readRefusal(401, body) };
    case 'unknown':
      // A project of another token and a GitLab before 17.9 answer the same.
      return { kind: 'refused', refusal: 'not-a-member-or-gitlab-too-old' };
    case 'expired':
    case 'revoked':
    case 'unusable':
      return { kind: 'dead', reason };
  }
}

/** A 404 comes from GitLab, since it has answered the probe. */
function rotateRefusal(status: number, body: JsonObject | undefined, owner: TokenOwner): Refusal {
  return status === 404 && isUnknownRoute(body)
    ? 'path-changed-or-gitlab-too-old'
    : readRefusal(status, body, owner);
}

/** What a refusal means where GitLab is 17.9 or later; undefined where the version does not matter. */
export function refusalIfRecent(refusal: Refusal, owner: TokenOwner): Refusal | undefined {
  switch (refusal) {
    case 'not-a-member-or-gitlab-too-old':
      // Without a project in its path, the request cannot name a wrong one.
      return owner.kind === 'token' ? 'other' : 'not-a-member';
    case 'path-changed-or-gitlab-too-old':
      return unknownRoute(owner);
    default:
      return undefined;
  }
}

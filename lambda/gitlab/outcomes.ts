import type {
  AnswerOrigin,
  Probe,
  ReachAnswer,
  Refusal,
  RotateOutcome,
  TokenOwner,
} from '../ports/access-tokens.ts';
import type { GitLabResponse } from './client.ts';
import { parseHttpDate } from './http-date.ts';
import {
  deathOf,
  isRefusal,
  isUnknownRoute,
  refusalOf,
  refusedFor,
  unknownRoute,
} from './refusals.ts';
import {
  earliestDate,
  isInactive,
  type JsonObject,
  parseIssuedToken,
  parseLivingToken,
  parseObject,
  parseObjects,
  parseReach,
  textOf,
} from './responses.ts';
import { parseRetryAfter } from './retry-after.ts';

type Answer = Extract<GitLabResponse, { kind: 'answered' }>;

/** What GitLab refuses with, and what a proxy does with a request that it did not pass on. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 413, 414, 415, 429, 431]);

/** A ULID, a UUID, or what nginx makes; nothing that looks like a token with a prefix. */
const REQUEST_ID = /^(?:[0-9A-Za-z]{1,40}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** What identifies a response: its status, and the id under which GitLab logs it. */
export function originOf(response: GitLabResponse): AnswerOrigin {
  if (response.kind !== 'answered') {
    const status = response.kind === 'no-answer' ? response.status : undefined;
    return { ...(status !== undefined && { status }) };
  }
  const requestId = response.header('x-request-id');
  const usable = requestId !== undefined && REQUEST_ID.test(requestId);
  return { status: response.status, ...(usable && { requestId }), ...maintenanceOf(response) };
}

/**
 * Maintenance mode: 503 with a `message`, which is a banner that people write, and `Retry-After`.
 * Without the header it may be any gateway.
 */
function maintenanceOf({
  status,
  text,
  header,
}: Answer): Pick<AnswerOrigin, 'says' | 'retryAfterMs'> {
  const retryAfterMs = status === 503 ? parseRetryAfter(header('retry-after')) : undefined;
  return retryAfterMs !== undefined && typeof parseObject(text)?.['message'] === 'string'
    ? { says: 'maintenance', retryAfterMs }
    : {};
}

/** Reads the response to a probe. Whatever is no verdict of GitLab's may be asked again. */
export function probeOf(response: GitLabResponse): Probe {
  const origin = originOf(response);
  if (response.kind !== 'answered') {
    return { kind: 'unreachable', reason: response.reason, ...origin };
  }
  const { status } = response;
  const body = parseObject(response.text);
  const living = status === 200 ? parseLivingToken(body) : undefined;
  if (living !== undefined) {
    const gitlabTime = parseHttpDate(response.header('date'));
    return { kind: 'alive', token: living, ...(gitlabTime && { gitlabTime }), ...origin };
  }
  if (status === 200 && isInactive(body)) {
    return { kind: 'refused', refusal: 'not-active', ...origin };
  }
  const death = status === 401 ? deathOf(body) : undefined;
  if (death !== undefined) {
    return { kind: 'dead', reason: death, ...origin };
  }
  if (status === 429) {
    return { ...rateLimited(response), ...origin };
  }
  return isRefusalStatus(status) && isRefusal(body)
    ? { ...refusedFor(probeRefusal(status, body), body), ...origin }
    : { ...unreachable(response), ...origin };
}

const PERSONAL_ONLY = /requires token type to be a personal access token/;

function probeRefusal(status: number, body: JsonObject): Refusal {
  switch (status) {
    case 400:
      // Tokens of projects and groups are personal access tokens too.
      return PERSONAL_ONLY.test(textOf(body['message'])) ? 'not-an-access-token' : 'other';
    case 404:
      // Every GitLab knows the path of a probe, which names no project.
      return 'not-gitlab';
    default:
      return refusalOf(status, body);
  }
}

function isRefusalStatus(status: number): boolean {
  return status >= 400 && status < 500;
}

/**
 * No answer of GitLab's to a request that only looks, which is asked again: the page of a login,
 * of a firewall, or of something that redirects; or a GitLab that is down.
 */
export function unreachable({ status, text }: Answer) {
  const isJson = (parseObject(text) ?? parseObjects(text)) !== undefined;
  const reason = status < 500 && !isJson ? 'NOT_GITLAB' : 'UNEXPECTED_ANSWER';
  return { kind: 'unreachable', reason } as const;
}

/** Reads one page of a token's reach. */
export function reachAnswerOf(response: GitLabResponse): ReachAnswer {
  if (response.kind !== 'answered') {
    return { kind: 'unreachable' };
  }
  const { status, text } = response;
  if (status === 429) {
    return rateLimited(response);
  }
  const body = parseObject(text);
  const reach = status === 200 ? parseReach(body) : undefined;
  if (reach !== undefined) {
    return { kind: 'told', pages: [reach], isWhole: true };
  }
  const isGitLabs =
    status === 200 ? body !== undefined : isRefusalStatus(status) && isRefusal(body);
  return { kind: isGitLabs ? 'untold' : 'unreachable' };
}

/**
 * Reads the response to a rotate request. Only what is known to be a refusal of
 * GitLab's is one: everything else may hide a rotation.
 *
 * @param presented - the credential of the request, which is no successor
 * @param owner - what the path of the request names
 */
export function rotateOutcomeOf(
  response: GitLabResponse,
  presented: string,
  owner: TokenOwner,
): RotateOutcome {
  const origin = originOf(response);
  switch (response.kind) {
    case 'not-sent':
      return { kind: 'not-sent', reason: response.reason, ...origin };
    case 'no-answer':
      return { kind: 'unknown', ...origin };
    case 'answered':
      return { ...outcomeOfAnswer(response, presented, owner), ...origin };
  }
}

function outcomeOfAnswer(answer: Answer, presented: string, owner: TokenOwner): RotateOutcome {
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
      return badRequest(body);
    case 401:
      return unauthorized(body);
    case 429:
      return rateLimited(answer);
    default:
      return refusedFor(rotateRefusal(status, body, owner), body);
  }
}

/** Rolled back for its date, a request that GitLab cannot read, or a race that somebody won. */
function badRequest(body: JsonObject | undefined): RotateOutcome {
  const { message } = body ?? {};
  const refusal = refusalOf(400, body);
  if (message === undefined || refusal === 'legacy-token') {
    return { kind: 'refused', refusal };
  }
  const latest = earliestDate(writtenOut(message));
  return latest === undefined ? { kind: 'perhaps-raced' } : { kind: 'date-too-far', latest };
}

/** A text as a rule; GitLab also has lists and objects of texts. */
function writtenOut(message: unknown): string {
  try {
    return JSON.stringify(message);
  } catch {
    // Nested deeper than the stack: nobody's reason.
    return '';
  }
}

/** On a rotate path only `invalid_token` says that the token is dead. */
function unauthorized(body: JsonObject | undefined): RotateOutcome {
  const reason = deathOf(body);
  switch (reason) {
    case undefined:
      return { kind: 'refused', refusal: refusalOf(401, body) };
    case 'unknown':
      // The same words from a project that is not the token's and from a GitLab before 17.9.
      return { kind: 'refused', refusal: 'not-a-member-or-gitlab-too-old' };
    case 'expired':
    case 'revoked':
    case 'unusable':
      return { kind: 'dead', reason };
  }
}

/** The path of the probe was known, so this is no other server. */
function rotateRefusal(status: number, body: JsonObject | undefined, owner: TokenOwner): Refusal {
  return status === 404 && isUnknownRoute(body)
    ? 'path-changed-or-gitlab-too-old'
    : refusalOf(status, body, owner);
}

/** What a refusal means to a GitLab that is 17.9 or later; undefined where the version does not matter. */
export function refusalUnlessTooOld(refusal: Refusal, owner: TokenOwner): Refusal | undefined {
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

/** One request too many, and how long GitLab says to wait. */
export function rateLimited({ header }: Answer) {
  const retryAfterMs = parseRetryAfter(header('retry-after'));
  return { kind: 'rate-limited', ...(retryAfterMs !== undefined && { retryAfterMs }) } as const;
}

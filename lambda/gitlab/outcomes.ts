import type {
  AnswerOrigin,
  Probe,
  ReachAnswer,
  Refusal,
  RotateOutcome,
} from '../rotation/ports.ts';
import type { GitLabResponse } from './client.ts';
import { parseHttpDate } from './http-date.ts';
import { deathOf, refusalOf } from './refusals.ts';
import {
  earliestDate,
  type JsonObject,
  parseIssuedToken,
  parseLivingToken,
  parseObject,
  parseReach,
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
  return { status: response.status, ...(usable && { requestId }) };
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
  const death = status === 401 ? deathOf(body) : undefined;
  if (death !== undefined) {
    return { kind: 'dead', reason: death, ...origin };
  }
  if (status === 429) {
    return { ...rateLimited(response), ...origin };
  }
  if (status < 400 || status >= 500) {
    // A proxy, a login page, http instead of https, or a GitLab that is down.
    return { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', ...origin };
  }
  // Every GitLab knows the path of a probe, which names no project.
  const refusal = status === 404 ? 'not-gitlab' : refusalOf(status, body);
  return { kind: 'refused', refusal, ...origin };
}

/** Reads the response to the question for a token's reach. */
export function reachAnswerOf(response: GitLabResponse): ReachAnswer {
  if (response.kind !== 'answered' || response.status >= 500) {
    return { kind: 'unreachable' };
  }
  if (response.status === 429) {
    return rateLimited(response);
  }
  const reach = response.status === 200 ? parseReach(parseObject(response.text)) : undefined;
  return reach === undefined ? { kind: 'untold' } : { kind: 'told', reach };
}

/**
 * Reads the response to a rotate request. Only what is known to be a refusal of
 * GitLab's is one: everything else may hide a rotation.
 *
 * @param presented - the token that was to rotate itself
 */
export function rotateOutcomeOf(response: GitLabResponse, presented: string): RotateOutcome {
  const origin = originOf(response);
  switch (response.kind) {
    case 'not-sent':
      return { kind: 'not-sent', reason: response.reason, ...origin };
    case 'no-answer':
      return { kind: 'unknown', ...origin };
    case 'answered':
      return { ...outcomeOfAnswer(response, presented), ...origin };
  }
}

function outcomeOfAnswer(answer: Answer, presented: string): RotateOutcome {
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
      return { kind: 'refused', refusal: rotateRefusal(status, body) };
  }
}

/** Rolled back for its date, a request that GitLab cannot read, or a race that somebody won. */
function badRequest(body: JsonObject | undefined): RotateOutcome {
  const { message } = body ?? {};
  if (message === undefined) {
    return { kind: 'refused', refusal: refusalOf(400, body) };
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

function rotateRefusal(status: number, body: JsonObject | undefined): Refusal {
  // GitLab's words for a route that it does not know, although it knew the probe's.
  return body?.['error'] === '404 Not Found' ? 'gitlab-too-old' : refusalOf(status, body);
}

/** One request too many, and how long GitLab says to wait. */
export function rateLimited({ header }: Answer) {
  const retryAfterMs = parseRetryAfter(header('retry-after'));
  return { kind: 'rate-limited', ...(retryAfterMs !== undefined && { retryAfterMs }) } as const;
}

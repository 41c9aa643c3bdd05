import type {
  AccessTokens,
  AnswerOrigin,
  Probe,
  Refusal,
  RotateOutcome,
  StepLog,
  TokenOwner,
} from '../rotation/ports.ts';
import { VERSION_TIMEOUT_MS } from '../rotation/timing.ts';
import {
  GitLabClient,
  type GitLabClientProps,
  type GitLabRequest,
  type GitLabResponse,
} from './client.ts';
import { deathOf, refusalOf } from './refusals.ts';
import {
  earliestDate,
  parseIssuedToken,
  parseLivingToken,
  parseObject,
  parseVersion,
} from './responses.ts';

const SELF = '/personal_access_tokens/self';
/** The first GitLab that lets bots rotate themselves (gitlab-org/gitlab!178111). */
const FIRST_VERSION = [17, 9] as const;

type Answered = Extract<GitLabResponse, { kind: 'answered' }>;

/** GitLab's access-token API, as far as a token may use it on itself. */
export class GitLabAccessTokens implements AccessTokens {
  readonly #client: GitLabClient;
  readonly #log: StepLog;

  constructor({ log, ...props }: GitLabClientProps & { readonly log: StepLog }) {
    this.#client = new GitLabClient(props);
    this.#log = log;
  }

  async probe(token: string, timeoutMs: number): Promise<Probe> {
    const response = await this.#send('probe', { method: 'GET', path: SELF, token, timeoutMs });
    const origin = originOf(response);
    if (response.kind !== 'answered') {
      return { kind: 'unreachable', reason: response.reason, ...origin };
    }
    const { status } = response;
    const body = parseObject(response.text);
    const living = status === 200 ? parseLivingToken(body) : undefined;
    if (living !== undefined) {
      return { kind: 'alive', token: living, ...origin };
    }
    const reason = status === 401 ? deathOf(body) : undefined;
    if (reason !== undefined) {
      return { kind: 'dead', reason, ...origin };
    }
    if (status === 429) {
      return { kind: 'rate-limited', ...retryAfter(response), ...origin };
    }
    return status >= 400 && status < 500
      ? { kind: 'refused', refusal: refusalOf(status, body), ...origin }
      : // A proxy, a login page, http instead of https, or a GitLab that is down.
        { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', ...origin };
  }

  async rotate(
    token: string,
    owner: TokenOwner,
    expiresAt: string,
    timeoutMs: number,
  ): Promise<RotateOutcome> {
    const path = rotatePath(owner);
    const body = { expires_at: expiresAt };
    const response = await this.#send('rotate', { method: 'POST', path, token, body, timeoutMs });
    const origin = originOf(response);
    switch (response.kind) {
      case 'not-sent':
        return { kind: 'not-sent', reason: response.reason, ...origin };
      case 'no-answer':
        return { kind: 'unknown', ...origin };
      case 'answered':
        return { ...(await this.#outcomeOf(response, token)), ...origin };
    }
  }

  async revoke(token: string, timeoutMs: number): Promise<boolean> {
    const response = await this.#send('revoke', { method: 'DELETE', path: SELF, token, timeoutMs });
    return (
      response.kind === 'answered' &&
      (response.status === 204 ||
        // Revoked before, by a request whose answer was lost.
        (response.status === 401 && deathOf(parseObject(response.text)) !== undefined))
    );
  }

  /** Only what is known to be a refusal of GitLab's is one: all else may hide a rotation. */
  async #outcomeOf(response: Answered, token: string): Promise<RotateOutcome> {
    const { status, text } = response;
    const body = parseObject(text);
    if (status >= 200 && status < 300) {
      const successor = parseIssuedToken(body);
      return successor === undefined || successor.token === token
        ? { kind: 'unknown' }
        : { kind: 'rotated', successor };
    }
    if (status === 429) {
      return { kind: 'rate-limited', ...retryAfter(response) };
    }
    if (status === 400) {
      return badRequest(String(body?.['message']), refusalOf(status, body));
    }
    if (status === 401) {
      return this.#unauthorized(token, deathOf(body));
    }
    if (status === 404 && body?.['error'] === '404 Not Found') {
      // The route is unknown, although the probe's was known.
      return { kind: 'refused', refusal: 'gitlab-too-old' };
    }
    return status >= 400 && status < 500 && status !== 409
      ? { kind: 'refused', refusal: refusalOf(status, body) }
      : { kind: 'unknown' };
  }

  /** On a rotate path only `invalid_token` says that the token is dead. */
  async #unauthorized(token: string, reason: ReturnType<typeof deathOf>): Promise<RotateOutcome> {
    switch (reason) {
      case undefined:
        return { kind: 'refused', refusal: 'not-gitlab' };
      case 'unknown':
        return { kind: 'refused', refusal: await this.#strangerOrTooOld(token) };
      case 'expired':
      case 'revoked':
      case 'unusable':
        return { kind: 'dead', reason };
    }
  }

  /** The same words from a project that is not the token's and from a GitLab before 17.9. */
  async #strangerOrTooOld(token: string): Promise<Refusal> {
    const response = await this.#send('version', {
      method: 'GET',
      path: '/version',
      token,
      timeoutMs: VERSION_TIMEOUT_MS,
    });
    if (response.kind !== 'answered') {
      return 'not-a-member-or-gitlab-too-old';
    }
    const body = parseObject(response.text);
    if (response.status === 403 && body?.['error'] === 'insufficient_scope') {
      // Then its scope is self_rotate alone, which 17.9 brought.
      return 'not-a-member';
    }
    const version = response.status === 200 ? parseVersion(body) : undefined;
    if (version === undefined) {
      return 'not-a-member-or-gitlab-too-old';
    }
    const [major, minor] = version;
    const [firstMajor, firstMinor] = FIRST_VERSION;
    const tooOld = major < firstMajor || (major === firstMajor && minor < firstMinor);
    return tooOld ? 'gitlab-too-old' : 'not-a-member';
  }

  async #send(call: string, request: GitLabRequest): Promise<GitLabResponse> {
    const startedAt = performance.now();
    const response = await this.#client.send(request);
    const durationMs = Math.round(performance.now() - startedAt);
    const { status, requestId } = originOf(response);
    this.#log.info(response.kind === 'answered' ? 'GitLab answered' : 'GitLab did not answer', {
      call,
      durationMs,
      ...(status !== undefined && { status }),
      ...(requestId !== undefined && { gitlabRequestId: requestId }),
      ...(response.kind !== 'answered' && { reason: response.reason }),
    });
    return response;
  }
}

/** 400: rolled back for its date, a request that GitLab cannot read, or a race that somebody won. */
function badRequest(message: string, refusal: Refusal): RotateOutcome {
  const latest = earliestDate(message);
  if (latest !== undefined) {
    return { kind: 'date-too-far', latest };
  }
  return refusal === 'other' ? { kind: 'perhaps-raced' } : { kind: 'refused', refusal };
}

function rotatePath(owner: TokenOwner): string {
  switch (owner.kind) {
    case 'project':
      return `/projects/${encodeURIComponent(owner.id)}/access_tokens/self/rotate`;
    case 'group':
      return `/groups/${encodeURIComponent(owner.id)}/access_tokens/self/rotate`;
    case 'token':
      return `${SELF}/rotate`;
  }
}

function originOf(response: GitLabResponse): AnswerOrigin {
  if (response.kind !== 'answered') {
    const status = response.kind === 'no-answer' ? response.status : undefined;
    return { ...(status !== undefined && { status }) };
  }
  const requestId = response.header('x-request-id');
  const usable = requestId !== undefined && /^[\w-]{1,128}$/.test(requestId);
  return { status: response.status, ...(usable && { requestId }) };
}

/** `Retry-After`: seconds, or a date. */
function retryAfter({ header }: Answered): { readonly retryAfterMs?: number } {
  const value = header('retry-after') ?? '';
  const ms = /^\d{1,6}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? { retryAfterMs: Math.max(0, ms) } : {};
}

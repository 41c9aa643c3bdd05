import type {
  AccessTokens,
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
import { originOf, probeOf, rotateOutcomeOf } from './outcomes.ts';
import { deathOf } from './refusals.ts';
import { parseObject, parseVersion } from './responses.ts';

const SELF = '/personal_access_tokens/self';
/** The first GitLab that lets bots rotate themselves (gitlab-org/gitlab!178111). */
const FIRST_VERSION = [17, 9] as const;

/** GitLab's access-token API, as far as a token may use it on itself. */
export class GitLabAccessTokens implements AccessTokens {
  readonly #client: GitLabClient;
  readonly #log: StepLog;

  constructor({ log, ...props }: GitLabClientProps & { readonly log: StepLog }) {
    this.#client = new GitLabClient(props);
    this.#log = log;
  }

  async probe(token: string, timeoutMs: number): Promise<Probe> {
    return probeOf(await this.#send('probe', { method: 'GET', path: SELF, token, timeoutMs }));
  }

  async rotate(
    token: string,
    owner: TokenOwner,
    expiresAt: string,
    timeoutMs: number,
  ): Promise<RotateOutcome> {
    const endsAt = performance.now() + timeoutMs;
    const path = rotatePath(owner);
    const body = { expires_at: expiresAt };
    const response = await this.#send('rotate', { method: 'POST', path, token, body, timeoutMs });
    const outcome = rotateOutcomeOf(response, token);
    return outcome.kind === 'refused' && outcome.refusal === 'not-a-member-or-gitlab-too-old'
      ? { ...outcome, refusal: await this.#notAMemberOrTooOld(token, endsAt - performance.now()) }
      : outcome;
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

  /** Which of the two it is, the version tells; asking for it never harms a token. */
  async #notAMemberOrTooOld(token: string, leftMs: number): Promise<Refusal> {
    const timeoutMs = Math.max(0, Math.floor(Math.min(VERSION_TIMEOUT_MS, leftMs)));
    const response = await this.#send('version', {
      method: 'GET',
      path: '/version',
      token,
      timeoutMs,
    });
    const answer = response.kind === 'answered' ? response : undefined;
    const body = parseObject(answer?.text ?? '');
    if (answer?.status === 403 && body?.['error'] === 'insufficient_scope') {
      // Then its scope is self_rotate alone, which 17.9 brought.
      return 'not-a-member';
    }
    const version = answer?.status === 200 ? parseVersion(body) : undefined;
    if (version === undefined) {
      return 'not-a-member-or-gitlab-too-old';
    }
    return isTooOld(version) ? 'gitlab-too-old' : 'not-a-member';
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

function isTooOld([major, minor]: readonly [number, number]): boolean {
  const [firstMajor, firstMinor] = FIRST_VERSION;
  return major < firstMajor || (major === firstMajor && minor < firstMinor);
}

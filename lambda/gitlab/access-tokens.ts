import type {
  AccessTokens,
  Probe,
  ReachAnswer,
  Refusal,
  RotateOutcome,
  TokenOwner,
} from '../rotation/ports.ts';
import { VERSION_TIMEOUT_MS } from '../rotation/timing.ts';
import { tokensPath } from './administered-tokens.ts';
import type { LoggedClient } from './logged-client.ts';
import { probeOf, reachAnswerOf, rotateOutcomeOf } from './outcomes.ts';
import { deathOf } from './refusals.ts';
import { parseObject, parseVersion } from './responses.ts';

const SELF = '/personal_access_tokens/self';
/** With a least role, the lowest: without one GitLab also lists whatever is public, newest first. */
const REACH = `${SELF}/associations?min_access_level=10&per_page=100`;
/** The first GitLab that lets bots rotate themselves (gitlab-org/gitlab!178111). */
const FIRST_VERSION = [17, 9] as const;

/** GitLab's access-token API, as far as a token may use it on itself. */
export class GitLabAccessTokens implements AccessTokens {
  readonly #client: LoggedClient;

  constructor(client: LoggedClient) {
    this.#client = client;
  }

  async probe(token: string, timeoutMs: number): Promise<Probe> {
    return probeOf(
      await this.#client.send('probe', { method: 'GET', path: SELF, token, timeoutMs }),
    );
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
    const response = await this.#client.send('rotate', {
      method: 'POST',
      path,
      token,
      body,
      timeoutMs,
    });
    const outcome = rotateOutcomeOf(response, token);
    return outcome.kind === 'refused' && outcome.refusal === 'not-a-member-or-gitlab-too-old'
      ? { ...outcome, refusal: await this.#notAMemberOrTooOld(token, endsAt - performance.now()) }
      : outcome;
  }

  async reach(token: string, timeoutMs: number): Promise<ReachAnswer> {
    return reachAnswerOf(
      await this.#client.send('reach', { method: 'GET', path: REACH, token, timeoutMs }),
    );
  }

  async revoke(token: string, timeoutMs: number): Promise<boolean> {
    const response = await this.#client.send('revoke', {
      method: 'DELETE',
      path: SELF,
      token,
      timeoutMs,
    });
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
    const response = await this.#client.send('version', {
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
}

function rotatePath(owner: TokenOwner): string {
  return owner.kind === 'token' ? `${SELF}/rotate` : `${tokensPath(owner)}/self/rotate`;
}

function isTooOld([major, minor]: readonly [number, number]): boolean {
  const [firstMajor, firstMinor] = FIRST_VERSION;
  return major < firstMajor || (major === firstMajor && minor < firstMinor);
}

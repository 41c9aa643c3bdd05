import type {
  AccessTokens,
  LivingToken,
  Probe,
  Reach,
  ReachAnswer,
  RotateOutcome,
  TokenOwner,
} from '../ports/access-tokens.ts';
import { VERSION_TIMEOUT_MS } from '../time/timing.ts';
import { tokensPath } from './administered-tokens.ts';
import type { GitLabResponse } from './client.ts';
import type { LoggedClient } from './logged-client.ts';
import { probeOf, reachAnswerOf, refusalUnlessTooOld, rotateOutcomeOf } from './outcomes.ts';
import { type Answer, MOST_PAGES, type NextPage, nextPage, PAGE_SIZE } from './pages.ts';
import { deathOf } from './refusals.ts';
import { parseObject, parseVersion } from './responses.ts';

const SELF = '/personal_access_tokens/self';
/** With a least role, the lowest: without one GitLab also lists whatever is public, newest first. */
const REACH = `${SELF}/associations?min_access_level=10&per_page=${PAGE_SIZE}`;
/** The first GitLab that lets bots rotate themselves (gitlab-org/gitlab!178111). */
const FIRST_VERSION = [17, 9] as const;

/** GitLab's access-token API, as far as a token may use it on itself. */
export class GitLabAccessTokens implements AccessTokens {
  readonly #client: LoggedClient;

  constructor(client: LoggedClient) {
    this.#client = client;
  }

  async probe(token: string, timeoutMs: number): Promise<Probe> {
    const request = { method: 'GET', path: SELF, token, timeoutMs } as const;
    return probeOf(await this.#client.send('probe', request, faultOfProbe));
  }

  async rotate(
    token: string,
    owner: TokenOwner,
    expiresAt: string,
    timeoutMs: number,
    living?: LivingToken,
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
    const outcome = rotateOutcomeOf(response, token, owner);
    const unlessTooOld =
      outcome.kind === 'refused' ? refusalUnlessTooOld(outcome.refusal, owner) : undefined;
    if (outcome.kind !== 'refused' || unlessTooOld === undefined) {
      return outcome;
    }
    switch (provesVersion(living) || (await this.#isRecent(token, endsAt - performance.now()))) {
      case true:
        return { ...outcome, refusal: unlessTooOld };
      case false:
        return { ...outcome, refusal: 'gitlab-too-old' };
      default:
        return outcome;
    }
  }

  async reach(token: string, timeoutMs: number): Promise<ReachAnswer> {
    const endsAt = performance.now() + timeoutMs;
    const pages: Reach[] = [];
    let page: NextPage = 1;
    while (typeof page === 'number' && pages.length < MOST_PAGES) {
      const response = await this.#client.send('reach', {
        method: 'GET',
        path: `${REACH}&page=${page}`,
        token,
        timeoutMs: Math.max(0, Math.floor(endsAt - performance.now())),
      });
      const answer = reachAnswerOf(response);
      if (answer.kind !== 'told' || response.kind !== 'answered') {
        return pages.length === 0 ? answer : { kind: 'told', pages, isWhole: false };
      }
      pages.push(...answer.pages);
      page = pageAfter(response, page, answer.pages);
    }
    return { kind: 'told', pages, isWhole: page === 'none' };
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

  /** Whether bots can rotate themselves there; asking for the version never harms a token. */
  async #isRecent(token: string, leftMs: number): Promise<boolean | undefined> {
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
      return true;
    }
    const version = answer?.status === 200 ? parseVersion(body) : undefined;
    return version && isRecent(version);
  }
}

/** Of an answer after which GitLab is probed again, although it came with any status. */
function faultOfProbe(answer: GitLabResponse): string | undefined {
  const probe = probeOf(answer);
  return probe.kind === 'unreachable' ? probe.reason : undefined;
}

/** The headers are those of the projects: that groups follow too, only a full page shows. */
function pageAfter(answer: Answer, page: number, reached: readonly Reach[]): NextPage {
  const keys = reached.flatMap((reach) => Object.keys(reach));
  const groups = keys.filter((key) => key.startsWith('group ')).length;
  return groups >= PAGE_SIZE ? page + 1 : nextPage(answer, page, keys.length - groups);
}

function rotatePath(owner: TokenOwner): string {
  return owner.kind === 'token' ? `${SELF}/rotate` : `${tokensPath(owner)}/self/rotate`;
}

/** The scope came with 17.9, fine-grained tokens later. */
function provesVersion(living: LivingToken | undefined): boolean {
  return living?.granular === true || living?.scopes.includes('self_rotate') === true;
}

function isRecent([major, minor]: readonly [number, number]): boolean {
  const [firstMajor, firstMinor] = FIRST_VERSION;
  return major > firstMajor || (major === firstMajor && minor >= firstMinor);
}

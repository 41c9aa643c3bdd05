import type {
  AccessTokens,
  ActiveToken,
  Memberships,
  MembershipsAnswer,
  Probe,
  RotateOutcome,
  TokenOwner,
} from '../ports/access-tokens.ts';
import { VERSION_TIMEOUT_MS } from '../time/timing.ts';
import { tokensPath } from './administered-tokens.ts';
import type { GitLabClient } from './client.ts';
import { readMemberships, readProbe, readRotateOutcome, refusalIfRecent } from './outcomes.ts';
import { parseObject, parseVersion } from './parse-json.ts';
import { deathReason } from './refusals.ts';
import {
  type Answer,
  type GitLabResponse,
  MOST_PAGES,
  type NextPage,
  nextPage,
  PAGE_SIZE,
} from './response.ts';

const SELF = '/personal_access_tokens/self';
/** Without a least role GitLab also lists whatever is public, newest first. 10 is the lowest role. */
const ASSOCIATIONS = `${SELF}/associations?min_access_level=10&per_page=${PAGE_SIZE}`;
/** The first GitLab that lets bots rotate themselves (gitlab-org/gitlab!178111). */
const FIRST_VERSION = [17, 9] as const;

/** GitLab's access-token API, as far as a token may use it on itself. */
export class GitLabAccessTokens implements AccessTokens {
  readonly #client: GitLabClient;

  constructor(client: GitLabClient) {
    this.#client = client;
  }

  async probe(token: string, timeoutMs: number): Promise<Probe> {
    const request = { call: 'probe', method: 'GET', path: SELF, token, timeoutMs } as const;
    return readProbe(await this.#client.send(request, faultOfProbe));
  }

  async rotate(
    token: string,
    owner: TokenOwner,
    expiresAt: string,
    timeoutMs: number,
    active: ActiveToken,
  ): Promise<RotateOutcome> {
    const endsAt = performance.now() + timeoutMs;
    const path = rotatePath(owner);
    const body = { expires_at: expiresAt };
    const request = { call: 'rotate', method: 'POST', path, token, body, timeoutMs } as const;
    const outcome = readRotateOutcome(await this.#client.send(request), token, owner);
    const refusal =
      outcome.kind === 'refused' ? refusalIfRecent(outcome.refusal, owner) : undefined;
    if (outcome.kind !== 'refused' || refusal === undefined) {
      return outcome;
    }
    const isNew =
      provesVersion(active) || (await this.#isRecent(token, endsAt - performance.now()));
    return isNew === undefined
      ? outcome
      : { ...outcome, refusal: isNew ? refusal : 'gitlab-too-old' };
  }

  async memberships(token: string, timeoutMs: number): Promise<MembershipsAnswer> {
    const endsAt = performance.now() + timeoutMs;
    const pages: Memberships[] = [];
    let page: NextPage = 1;
    while (typeof page === 'number' && pages.length < MOST_PAGES) {
      const response: GitLabResponse = await this.#client.send({
        call: 'memberships',
        method: 'GET',
        path: `${ASSOCIATIONS}&page=${page}`,
        token,
        timeoutMs: endsAt - performance.now(),
      });
      const answer = readMemberships(response);
      if (answer.kind !== 'told' || response.kind !== 'answered') {
        return pages.length === 0 ? answer : { kind: 'told', pages, isWhole: false };
      }
      pages.push(...answer.pages);
      page = pageAfter(response, page, answer.pages);
    }
    return { kind: 'told', pages, isWhole: page === 'none' };
  }

  async revoke(token: string, timeoutMs: number): Promise<boolean> {
    const request = { call: 'revoke', method: 'DELETE', path: SELF, token, timeoutMs } as const;
    const response = await this.#client.send(request);
    return (
      response.kind === 'answered' &&
      (response.status === 204 ||
        // An earlier request revoked it, and its answer was lost.
        (response.status === 401 && deathReason(parseObject(response.text)) !== undefined))
    );
  }

  /** Whether this GitLab lets bots rotate themselves; undefined where its version is not known. */
  async #isRecent(token: string, leftMs: number): Promise<boolean | undefined> {
    const response = await this.#client.send({
      call: 'version',
      method: 'GET',
      path: '/version',
      token,
      timeoutMs: Math.min(VERSION_TIMEOUT_MS, leftMs),
    });
    const answer = response.kind === 'answered' ? response : undefined;
    const body = parseObject(answer?.text ?? '');
    if (answer?.status === 403 && body?.['error'] === 'insufficient_scope') {
      // The token's only scope is self_rotate then, which came with 17.9.
      return true;
    }
    const version = answer?.status === 200 ? parseVersion(body) : undefined;
    return version && letsBotsRotate(version);
  }
}

/** Why a probe is repeated although it was answered. */
function faultOfProbe(answer: GitLabResponse): string | undefined {
  const probe = readProbe(answer);
  return probe.kind === 'unreachable' ? probe.reason : undefined;
}

/** The headers count projects only. Whether more groups follow shows in a full page alone. */
function pageAfter(answer: Answer, page: number, memberships: readonly Memberships[]): NextPage {
  const keys = memberships.flatMap(Object.keys);
  const groups = keys.filter((key) => key.startsWith('group ')).length;
  return groups >= PAGE_SIZE ? page + 1 : nextPage(answer, page, keys.length - groups);
}

function rotatePath(owner: TokenOwner): string {
  return owner.kind === 'token' ? `${SELF}/rotate` : `${tokensPath(owner)}/self/rotate`;
}

/** The scope `self_rotate` came with 17.9, fine-grained tokens later. */
function provesVersion({ granular, scopes }: ActiveToken): boolean {
  return granular === true || scopes.includes('self_rotate');
}

function letsBotsRotate([major, minor]: readonly [number, number]): boolean {
  const [firstMajor, firstMinor] = FIRST_VERSION;
  return major > firstMajor || (major === firstMajor && minor >= firstMinor);
}

import type { RotateOutcome } from '../ports/access-tokens.ts';
import type {
  AdministeredTokens,
  ListedToken,
  Resource,
  TokenListing,
} from '../ports/administered-tokens.ts';
import type { GitLabResponse } from './client.ts';
import type { LoggedClient } from './logged-client.ts';
import {
  originOf,
  rateLimited,
  refusalUnlessTooOld,
  rotateOutcomeOf,
  unreachable,
} from './outcomes.ts';
import { type Answer, MOST_PAGES, nextPage, PAGE_SIZE } from './pages.ts';
import { deathOf, isRefusal, refusalOf, refusedFor } from './refusals.ts';
import { parseListedToken, parseObject, parseObjects, textOf } from './responses.ts';

/** The tokens of a project or group, through GitLab's API for its Maintainers. */
export class GitLabAdministeredTokens implements AdministeredTokens {
  readonly #client: LoggedClient;

  constructor(client: LoggedClient) {
    this.#client = client;
  }

  async find(
    credential: string,
    resource: Resource,
    tokenId: string,
    timeoutMs: number,
  ): Promise<TokenListing> {
    const path = `${tokensPath(resource)}/${tokenId}`;
    const request = { method: 'GET', path, token: credential, timeoutMs } as const;
    const response = await this.#client.send('find', request);
    if (isUnknownToken(response)) {
      return { kind: 'listed', tokens: [], ...originOf(response) };
    }
    return listingOf(response, resource, (text) => {
      const token = parseListedToken(parseObject(text));
      return token && [token];
    });
  }

  async listActive(
    credential: string,
    resource: Resource,
    timeoutMs: number,
  ): Promise<TokenListing> {
    const endsAt = performance.now() + timeoutMs;
    const tokens: ListedToken[] = [];
    let page = 1;
    for (let count = 1; count <= MOST_PAGES; count += 1) {
      const path = `${tokensPath(resource)}?state=active&per_page=${PAGE_SIZE}&page=${page}`;
      const leftMs = Math.max(0, Math.floor(endsAt - performance.now()));
      const request = { method: 'GET', path, token: credential, timeoutMs: leftMs } as const;
      const response = await this.#client.send('list', request);
      const listing = listingOf(response, resource, parseListedTokens);
      if (response.kind !== 'answered' || listing.kind !== 'listed') {
        return listing;
      }
      tokens.push(...listing.tokens);
      const next = nextPage(response, page, listing.tokens.length);
      if (next === 'unknown') {
        return { ...unreachable(response), ...originOf(response) };
      }
      if (next === 'none') {
        return { ...listing, tokens };
      }
      page = next;
    }
    return { kind: 'unreachable', reason: 'TOO_MANY_PAGES' };
  }

  async rotateById(
    credential: string,
    resource: Resource,
    tokenId: string,
    expiresAt: string,
    timeoutMs: number,
  ): Promise<RotateOutcome> {
    const response = await this.#client.send('rotate-by-id', {
      method: 'POST',
      path: `${tokensPath(resource)}/${tokenId}/rotate`,
      token: credential,
      body: { expires_at: expiresAt },
      timeoutMs,
    });
    const outcome = rotateOutcomeOf(response, credential, resource);
    const refusal =
      // GitLab has listed the token, and tokens that rotate themselves came later than rotation by id.
      outcome.kind === 'refused' ? refusalUnlessTooOld(outcome.refusal, resource) : undefined;
    return outcome.kind === 'refused' && refusal ? { ...outcome, refusal } : outcome;
  }
}

/** GitLab knows the project or group, but not that token: its name for the token then stands in the text. */
function isUnknownToken(response: GitLabResponse): boolean {
  return (
    response.kind === 'answered' &&
    response.status === 404 &&
    /access token/i.test(textOf(parseObject(response.text)?.['message']))
  );
}

/** Where the tokens of a project or group are. */
export function tokensPath({ kind, id }: Resource): string {
  return `/${kind}s/${encodeURIComponent(id)}/access_tokens`;
}

function listingOf(
  response: GitLabResponse,
  resource: Resource,
  parse: (text: string) => readonly ListedToken[] | undefined,
): TokenListing {
  const origin = originOf(response);
  if (response.kind !== 'answered') {
    return { kind: 'unreachable', reason: response.reason, ...origin };
  }
  const { status, text } = response;
  const tokens = status === 200 ? parse(text) : undefined;
  if (tokens !== undefined) {
    return { kind: 'listed', tokens, ...origin };
  }
  if (status === 429) {
    return { ...rateLimited(response), ...origin };
  }
  if (isMoved(response, resource)) {
    return { kind: 'refused', refusal: 'project-moved', ...origin };
  }
  const body = parseObject(text);
  const death = status === 401 ? deathOf(body) : undefined;
  if (death !== undefined && death !== 'unknown') {
    return { kind: 'dead', reason: death, ...origin };
  }
  return status >= 400 && status < 500 && isRefusal(body)
    ? { ...refusedFor(refusalOf(status, body, resource), body), ...origin }
    : { ...unreachable(response), ...origin };
}

/** From a former path to the number of the project. A number never moves, and a login page redirects elsewhere. */
function isMoved({ status, header }: Answer, { id }: Resource): boolean {
  return (
    status === 301 &&
    id.includes('/') &&
    /\/api\/v4\/projects\/\d+/.test(textOf(header('location')))
  );
}

function parseListedTokens(text: string): readonly ListedToken[] | undefined {
  return parseObjects(text)?.flatMap((item) => parseListedToken(item) ?? []);
}

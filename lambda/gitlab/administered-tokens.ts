import type { RotateOutcome } from '../ports/access-tokens.ts';
import type {
  AdministeredTokens,
  ListedToken,
  Resource,
  TokenListing,
} from '../ports/administered-tokens.ts';
import type { GitLabClient } from './client.ts';
import { readFailure, readRotateOutcome, refusalIfRecent } from './outcomes.ts';
import {
  asText,
  type JsonObject,
  parseListedToken,
  parseObject,
  parseObjects,
} from './parse-json.ts';
import { deathReason, readRefusal } from './refusals.ts';
import {
  type Answer,
  answerOrigin,
  asUnreachable,
  type GitLabResponse,
  MOST_PAGES,
  nextPage,
  PAGE_SIZE,
} from './response.ts';

/** The tokens of a project or group, through GitLab's API for its Maintainers. */
export class GitLabAdministeredTokens implements AdministeredTokens {
  readonly #client: GitLabClient;

  constructor(client: GitLabClient) {
    this.#client = client;
  }

  async find(
    credential: string,
    resource: Resource,
    tokenId: string,
    timeoutMs: number,
  ): Promise<TokenListing> {
    const path = `${tokensPath(resource)}/${tokenId}`;
    const request = { call: 'find', method: 'GET', path, token: credential, timeoutMs } as const;
    const response = await this.#client.send(request);
    if (isUnknownToken(response)) {
      return { kind: 'listed', tokens: [], ...answerOrigin(response) };
    }
    return readListing(response, resource, (text) => {
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
      const response = await this.#client.send({
        call: 'list',
        method: 'GET',
        path: `${tokensPath(resource)}?state=active&per_page=${PAGE_SIZE}&page=${page}`,
        token: credential,
        timeoutMs: endsAt - performance.now(),
      });
      const listing = readListing(response, resource, parseListedTokens);
      if (response.kind !== 'answered' || listing.kind !== 'listed') {
        return listing;
      }
      tokens.push(...listing.tokens);
      const next = nextPage(response, page, listing.tokens.length);
      if (next === 'unknown') {
        return { ...asUnreachable(response), ...answerOrigin(response) };
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
    const response = await this.#client.send({
      call: 'rotate-by-id',
      method: 'POST',
      path: `${tokensPath(resource)}/${tokenId}/rotate`,
      token: credential,
      body: { expires_at: expiresAt },
      timeoutMs,
    });
    const outcome = readRotateOutcome(response, credential, resource);
    const refusal =
      // This GitLab listed the token, and rotation by id is older than 17.9.
      outcome.kind === 'refused' ? refusalIfRecent(outcome.refusal, resource) : undefined;
    return outcome.kind === 'refused' && refusal ? { ...outcome, refusal } : outcome;
  }
}

/** 404 where GitLab knows the project or group, but not the token: the message then names an access token. */
function isUnknownToken(response: GitLabResponse): boolean {
  return (
    response.kind === 'answered' &&
    response.status === 404 &&
    /access token/i.test(asText(parseObject(response.text)?.['message']))
  );
}

/** The path of the tokens of a project or group. */
export function tokensPath({ kind, id }: Resource): string {
  return `/${kind}s/${encodeURIComponent(id)}/access_tokens`;
}

function readListing(
  response: GitLabResponse,
  resource: Resource,
  parse: (text: string) => readonly ListedToken[] | undefined,
): TokenListing {
  const origin = answerOrigin(response);
  if (response.kind !== 'answered') {
    return { kind: 'unreachable', reason: response.reason, ...origin };
  }
  const { status, text } = response;
  const tokens = status === 200 ? parse(text) : undefined;
  if (tokens !== undefined) {
    return { kind: 'listed', tokens, ...origin };
  }
  if (isMoved(response, resource)) {
    return { kind: 'refused', refusal: 'project-moved', ...origin };
  }
  const reason = status === 401 ? deathReason(parseObject(text)) : undefined;
  // `unknown` may also mean that the credential is of no member.
  const death = reason === 'unknown' ? undefined : reason;
  const refusalIn = (code: number, body: JsonObject) => readRefusal(code, body, resource);
  return { ...readFailure(response, death, refusalIn), ...origin };
}

/** A redirect from a former path to the number of the project. A login page redirects elsewhere. */
function isMoved({ status, header }: Answer, { id }: Resource): boolean {
  return (
    status === 301 && id.includes('/') && /\/api\/v4\/projects\/\d/.test(asText(header('location')))
  );
}

function parseListedTokens(text: string): readonly ListedToken[] | undefined {
  return parseObjects(text)?.flatMap((item) => parseListedToken(item) ?? []);
}

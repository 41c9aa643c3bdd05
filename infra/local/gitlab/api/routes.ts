import type { ResourcePath, ResourceType } from '../state/model.ts';
import { type GitLabSettings, isSince } from '../state/settings.ts';

/** The names under which faults are planned and calls recorded. */
export type Operation =
  | 'probe'
  | 'revoke'
  | 'rotate'
  | 'rotateById'
  | 'listTokens'
  | 'getToken'
  | 'reach'
  | 'version'
  | 'other';

/** An endpoint with what its URL says. Without a resource it is one for personal tokens. */
export type Route =
  | { readonly operation: 'probe' | 'revoke' | 'reach' | 'version' }
  | { readonly operation: 'rotate'; readonly resource?: ResourcePath }
  | { readonly operation: 'rotateById'; readonly resource?: ResourcePath; readonly tokenId: string }
  | { readonly operation: 'listTokens'; readonly resource: ResourcePath }
  | { readonly operation: 'getToken'; readonly resource: ResourcePath; readonly tokenId: string };

interface Parts {
  readonly resource: ResourcePath;
  /** As it was written. */
  readonly tokenId: string;
}

const PERSONAL = '/personal_access_tokens';
const RESOURCE = '/(?<type>project|group)s/(?<idOrPath>[^/]+)/access_tokens';
const TOKEN_ID = '(?<tokenId>[^/]+)';
// `self` stands before the id, as in GitLab.
const ROUTES: readonly (readonly [string, RegExp, (parts: Parts) => Route])[] = [
  ['GET', endpoint(`${PERSONAL}/self`), () => ({ operation: 'probe' })],
  ['GET', endpoint(`${PERSONAL}/self/associations`), () => ({ operation: 'reach' })],
  ['DELETE', endpoint(`${PERSONAL}/self`), () => ({ operation: 'revoke' })],
  ['POST', endpoint(`${PERSONAL}/self/rotate`), () => ({ operation: 'rotate' })],
  [
    'POST',
    endpoint(`${RESOURCE}/self/rotate`),
    ({ resource }) => ({ operation: 'rotate', resource }),
  ],
  [
    'POST',
    endpoint(`${RESOURCE}/${TOKEN_ID}/rotate`),
    (parts) => ({ operation: 'rotateById', ...parts }),
  ],
  ['GET', endpoint(RESOURCE), ({ resource }) => ({ operation: 'listTokens', resource })],
  ['GET', endpoint(`${RESOURCE}/${TOKEN_ID}`), (parts) => ({ operation: 'getToken', ...parts })],
  ['GET', endpoint('/version'), () => ({ operation: 'version' })],
];

function endpoint(path: string): RegExp {
  return new RegExp(`^${path}$`);
}

/**
 * The endpoint that today's GitLab has for a method and path, or undefined.
 *
 * @param path what follows `/api/v4`
 */
export function findRoute(method: string, path: string): Route | undefined {
  for (const [verb, pattern, build] of ROUTES) {
    const match = verb === method ? pattern.exec(path) : null;
    const parts = match && partsOf(match.groups ?? {});
    if (parts) {
      return build(parts);
    }
  }
  return undefined;
}

/** What a path names; empty where it has no such part, undefined where it is not well encoded. */
function partsOf({
  type,
  idOrPath = '',
  tokenId = '',
}: Readonly<Record<string, string | undefined>>): Parts | undefined {
  try {
    const resource = { type: type as ResourceType, idOrPath: decodeURIComponent(idOrPath) };
    return { resource, tokenId };
  } catch {
    return undefined;
  }
}

/**
 * What the version that is running makes of a route: before 17.9 (projects and
 * groups) and 16.10 (personal tokens) `self` was taken for the id of a token.
 */
export function routeIn(settings: GitLabSettings, route: Route): Route | undefined {
  switch (route.operation) {
    case 'probe':
      return isSince(settings, '15.5') ? route : undefined;
    case 'reach':
      return isSince(settings, '17.4') ? route : undefined;
    case 'rotate': {
      if (!isSince(settings, '16.0')) {
        return undefined;
      }
      const known = isSince(settings, route.resource ? '17.9' : '16.10');
      return known ? route : { ...route, operation: 'rotateById', tokenId: 'self' };
    }
    case 'rotateById':
      return isSince(settings, '16.0') ? route : undefined;
    case 'revoke':
    case 'listTokens':
    case 'getToken':
    case 'version':
      return route;
  }
}

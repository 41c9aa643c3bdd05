import type { Token } from './model.ts';
import type { Parameters } from './parameters.ts';
import { invalidParameter, Refused } from './refusals.ts';
import { isSince } from './settings.ts';
import type { GitLabState } from './state.ts';

const PER_PAGE = { usual: 20, most: 100 } as const;
const SORT_KEYS: Readonly<Record<string, (token: Token) => string>> = {
  created: ({ createdAt }) => createdAt.toISOString(),
  expires: ({ expiresAt }) => expiresAt ?? '9999-12-31',
  last_used: ({ lastUsedAt }) => lastUsedAt?.toISOString() ?? '',
  name: ({ name }) => name,
};

/** One page of a list, with the headers that say which. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The tokens that a request asks for: filters from 17.2 on, then the order.
 *
 * @throws {Refused} 400 for a state that does not exist
 */
export function selectTokens(
  state: GitLabState,
  tokens: readonly Token[],
  parameters: Parameters,
): Token[] {
  if (!isSince(state.settings, '17.2')) {
    return [...tokens];
  }
  const { state: wanted, revoked, search } = parameters;
  if (wanted !== undefined && wanted !== 'active' && wanted !== 'inactive') {
    throw new Refused(invalidParameter('state does not have a valid value'));
  }
  const selected = tokens.filter(
    (token) =>
      (wanted === undefined || state.isActive(token) === (wanted === 'active')) &&
      (revoked === undefined || String(token.revoked) === revoked) &&
      (typeof search !== 'string' || token.name.toLowerCase().includes(search.toLowerCase())) &&
      isBetween(token.createdAt.toISOString(), parameters, 'created') &&
      isBetween(token.expiresAt, parameters, 'expires') &&
      isBetween(token.lastUsedAt?.toISOString() ?? null, parameters, 'last_used'),
  );
  return sort(selected, parameters['sort']);
}

/** Compares ISO dates and times as instants; what is not set is on neither side. */
function isBetween(value: string | null, parameters: Parameters, name: string): boolean {
  const after = parameters[`${name}_after`];
  const before = parameters[`${name}_before`];
  const instant = value === null ? Number.NaN : Date.parse(value);
  return (
    (after === undefined || instant > Date.parse(String(after))) &&
    (before === undefined || instant < Date.parse(String(before)))
  );
}

/** @param order as in `created_desc`; @default - by id, which GitLab does not promise */
function sort(tokens: Token[], order: unknown): Token[] {
  const [, name = '', direction] = /^(\w+)_(asc|desc)$/.exec(String(order)) ?? [];
  const keyOf = SORT_KEYS[name];
  if (!keyOf) {
    return tokens;
  }
  const sign = direction === 'asc' ? 1 : -1;
  return tokens.toSorted((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)];
    return a === b ? sign * (one.id - other.id) : sign * (a < b ? -1 : 1);
  });
}

/** Cuts one page out of a list. @param url of the list, without a query */
export function paginate<Item>(
  items: readonly Item[],
  parameters: Parameters,
  url: string,
): Page<Item> {
  const perPage = Math.min(positive(parameters['per_page'], PER_PAGE.usual), PER_PAGE.most);
  const page = positive(parameters['page'], 1);
  const pages = Math.max(1, Math.ceil(items.length / perPage));
  const { private_token: _, ...filters } = parameters;
  const link = (to: number, relation: string): string => {
    const query = new URLSearchParams(filters as Record<string, string>);
    query.set('page', String(to));
    query.set('per_page', String(perPage));
    return `<${url}?${query}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev')] : []),
    ...(page < pages ? [link(page + 1, 'next')] : []),
    link(1, 'first'),
    link(pages, 'last'),
  ];
  return {
    items: items.slice((page - 1) * perPage, page * perPage),
    headers: {
      'X-Page': String(page),
      'X-Per-Page': String(perPage),
      'X-Total': String(items.length),
      'X-Total-Pages': String(pages),
      'X-Next-Page': page < pages ? String(page + 1) : '',
      'X-Prev-Page': page > 1 ? String(page - 1) : '',
      Link: links.join(', '),
    },
  };
}

function positive(given: unknown, otherwise: number): number {
  const number = Number(given);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}

import type { GitLabResponse } from './client.ts';

export type Answer = Extract<GitLabResponse, { kind: 'answered' }>;

/** GitLab's limit for a page. */
export const PAGE_SIZE = 100;

/** So many pages are read of one list, or something is wrong, or there is no time for it. */
export const MOST_PAGES = 10;

/** What follows a page: the number of another, nothing, or something that is no number. */
export type NextPage = number | 'none' | 'unknown';

/**
 * Finds out whether another page follows. GitLab says so in `X-Next-Page`, which is
 * empty on the last one, and again in `Link`; where something took both away, a full page has another after it.
 */
export function nextPage({ header }: Answer, page: number, items: number): NextPage {
  const next = header('x-next-page');
  if (next !== undefined) {
    return next === '' ? 'none' : pageNumber(next);
  }
  const link = header('link');
  if (link !== undefined) {
    const [, url] = /<([^<>]*)>; *rel="?next"?/.exec(link) ?? [];
    return url === undefined ? 'none' : pageNumber(/[?&]page=([^&]*)/.exec(url)?.[1] ?? '');
  }
  return items < PAGE_SIZE ? 'none' : page + 1;
}

function pageNumber(text: string): NextPage {
  return /^\d{1,6}$/.test(text) ? Number(text) : 'unknown';
}

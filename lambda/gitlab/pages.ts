import type { GitLabResponse } from './client.ts';

export type Answer = Extract<GitLabResponse, { kind: 'answered' }>;

/** GitLab's limit for a page. */
export const PAGE_SIZE = 100;

/** So many pages are read of one list, or something is wrong, or there is no time for it. */
export const MOST_PAGES = 10;

/** Other parameters may stand before `rel`. */
const NEXT_LINK = /<([^<>]*)>[^<>]*;\s*rel\s*=\s*"?next\b/i;

/** What follows a page: the number of another, nothing, or something that is no number. */
export type NextPage = number | 'none' | 'unknown';

/**
 * Finds out whether another page follows. GitLab says so in `X-Next-Page`, which is
 * empty on the last one, and again in `Link`. Without the first, a `Link` that names no next
 * page proves nothing: it may be another header of that name, or written in a form that is
 * not read here. Then a full page has another after it.
 */
export function nextPage({ header }: Answer, page: number, items: number): NextPage {
  const next = header('x-next-page');
  if (next !== undefined) {
    return next === '' ? 'none' : pageNumber(next);
  }
  const [, url] = NEXT_LINK.exec(header('link') ?? '') ?? [];
  if (url !== undefined) {
    return pageNumber(/[?&]page=([^&]*)/.exec(url)?.[1] ?? '');
  }
  return items < PAGE_SIZE ? 'none' : page + 1;
}

function pageNumber(text: string): NextPage {
  return /^\d{1,6}$/.test(text) ? Number(text) : 'unknown';
}

import type { AnswerOrigin } from '../ports/access-tokens.ts';
import { parseObject, parseObjects } from './parse-json.ts';

/**
 * What became of a request. `reason` is a word of ours, or the error's name as
 * `networkErrorName` returns it.
 *
 * - `answered`: a whole answer
 * - `not-sent`: nothing of the request was written to any connection, nor ever will be
 * - `no-answer`: it may have been written, and no whole answer came back
 */
export type GitLabResponse =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** A header by its name in lower case; the first, where there are several. */
      readonly header: (name: string) => string | undefined;
      readonly text: string;
    }
  | { readonly kind: 'not-sent'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly reason: string; readonly status?: number };

export type Answer = Extract<GitLabResponse, { kind: 'answered' }>;

/** What follows a page: the number of the next one, nothing, or something that is no number. */
export type NextPage = number | 'none' | 'unknown';

/** GitLab's limit for a page. */
export const PAGE_SIZE = 100;

/** No list is read further: it would take too long, or has no end. */
export const MOST_PAGES = 10;

/**
 * The ids that GitLab gives or takes over: its own ULID, the hexadecimal one of nginx, a Ray ID of
 * Cloudflare, a UUID. Nothing wider: the header may come from anybody, and a token without a prefix
 * is 20 letters and digits.
 */
const REQUEST_ID =
  /^(?:[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{32}|[0-9a-f]{16}(?:-[A-Z]{3})?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** A longer pause counts as this one. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** The form of RFC 9110 that servers send today, as in `Sun, 22 Nov 2026 09:03:36 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Other parameters may stand before `rel`. */
const NEXT_LINK = /<([^<>]*)>[^<>]*;\s*rel\s*=\s*"?next\b/i;

/** The status of a response, and the id under which GitLab logs the request. */
export function answerOrigin(response: GitLabResponse): AnswerOrigin {
  if (response.kind !== 'answered') {
    const status = response.kind === 'no-answer' ? response.status : undefined;
    return { ...(status !== undefined && { status }) };
  }
  const requestId = response.header('x-request-id');
  const isId = requestId !== undefined && REQUEST_ID.test(requestId);
  return { status: response.status, ...(isId && { requestId }), ...maintenance(response) };
}

/**
 * Maintenance mode: 503 with a `message`, which is a banner that people write, and `Retry-After`.
 * Without the header it may be any gateway.
 */
function maintenance(answer: Answer): Pick<AnswerOrigin, 'says' | 'retryAfterMs'> {
  const retryAfterMs = answer.status === 503 ? readRetryAfter(answer) : undefined;
  return retryAfterMs !== undefined && typeof parseObject(answer.text)?.['message'] === 'string'
    ? { says: 'maintenance', retryAfterMs }
    : {};
}

/** 429, and how long GitLab says to wait. */
export function asRateLimited(answer: Answer) {
  const retryAfterMs = readRetryAfter(answer);
  return { kind: 'rate-limited', ...(retryAfterMs !== undefined && { retryAfterMs }) } as const;
}

/**
 * An answer that does not come from GitLab, such as the page of a login, a firewall or a redirect;
 * or one of a GitLab that is down. A request that only reads may be repeated after it.
 */
export function asUnreachable({ status, text }: Answer) {
  const isJson = (parseObject(text) ?? parseObjects(text)) !== undefined;
  const reason = status < 500 && !isJson ? 'NOT_GITLAB' : 'UNEXPECTED_ANSWER';
  return { kind: 'unreachable', reason } as const;
}

/** `Retry-After`, in milliseconds from now; undefined where it is neither seconds nor a date. */
function readRetryAfter({ header }: Answer): number | undefined {
  const value = header('retry-after') ?? '';
  const date = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : date - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS);
}

/**
 * Finds out whether another page follows. GitLab says so in `X-Next-Page`, which is empty on the
 * last one, and again in `Link`. Where the first is missing, a `Link` without a next page proves
 * nothing, since it may be another header of that name, or in a form that is not read here. Then a
 * full page has another after it.
 */
export function nextPage({ header }: Answer, page: number, items: number): NextPage {
  const next = header('x-next-page');
  if (next !== undefined) {
    return next === '' ? 'none' : parsePage(next);
  }
  const [, url] = NEXT_LINK.exec(header('link') ?? '') ?? [];
  if (url !== undefined) {
    return parsePage(/[?&]page=([^&]*)/.exec(url)?.[1] ?? '');
  }
  return items < PAGE_SIZE ? 'none' : page + 1;
}

function parsePage(text: string): NextPage {
  return /^\d{1,6}$/.test(text) ? Number(text) : 'unknown';
}

import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  answerOrigin,
  asRateLimited,
  asUnreachable,
  nextPage,
} from '../../../../lambda/gitlab/response.ts';
import { limited, MAINTENANCE } from '../../../rig/scripted/gitlab-answers.ts';
import { asResponse, html, json } from '../../../rig/scripted/scripted-gitlab.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

describe(answerOrigin, () => {
  it.each([
    '01JDF3Q8ZQ0000000000000000',
    'b4aec9773fa5516a72e547bc9acdbd5e',
    '9c40f4f908af1229',
    '9c40f4f908af1229-FRA',
    '3f0c1f6e-4a0b-4c53-9d0e-6b1f0c8f1a2b',
  ])('is the status and the request id: %s', (requestId) => {
    const response = asResponse(html(502, { 'x-request-id': requestId }));

    expect(answerOrigin(response)).toStrictEqual({ status: 502, requestId });
  });

  it.each(['', 'two words', 'id;drop', 'prefix-successor-1', 'Zx9yXw8vUt7sRq6pOn5m'])(
    'leaves out a request id that could be anything: %j',
    (requestId) => {
      const response = asResponse(html(502, { 'x-request-id': requestId }));

      expect(answerOrigin(response)).toStrictEqual({ status: 502 });
    },
  );

  it('says that GitLab is in maintenance, and for how long', () => {
    expect(answerOrigin(asResponse(MAINTENANCE))).toStrictEqual({
      status: 503,
      says: 'maintenance',
      retryAfterMs: 600_000,
    });
  });

  it.each([
    ['without a pause', { ...MAINTENANCE, headers: {} }],
    ['from a gateway', html(503, { 'retry-after': '600' })],
    ['with a message that is no text', json(503, { message: 7 }, { 'retry-after': '600' })],
    ['with another status', { ...MAINTENANCE, status: 502 }],
  ])('finds no maintenance in an answer %s', (_what, answer) => {
    expect(answerOrigin(asResponse(answer))).toStrictEqual({ status: answer.status });
  });

  it('is the status of an answer that was cut, and nothing where none came', () => {
    const cut = { kind: 'no-answer', reason: 'ECONNRESET', status: 200 } as const;

    expect(answerOrigin(cut)).toStrictEqual({ status: 200 });
    expect(answerOrigin({ kind: 'no-answer', reason: 'ECONNRESET' })).toStrictEqual({});
    expect(answerOrigin({ kind: 'not-sent', reason: 'ECONNREFUSED' })).toStrictEqual({});
  });
});

describe(asRateLimited, () => {
  const pauseOf = (value: string) =>
    asRateLimited(asResponse(limited({ 'retry-after': value }))).retryAfterMs;

  it.each([
    ['0', 0],
    ['60', 60_000],
    ['86400', DAY_MS],
  ])('reads %j as seconds', (value, ms) => {
    expect(pauseOf(value)).toBe(ms);
  });

  it.each(['86401', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'takes no more than a day: %j',
    (value) => {
      expect(pauseOf(value)).toBe(DAY_MS);
    },
  );

  it('reads a date as the time until then', () => {
    vi.useFakeTimers({ now: new Date('2026-11-22T09:03:36Z'), toFake: ['Date'] });

    expect(pauseOf('Sun, 22 Nov 2026 09:05:06 GMT')).toBe(90_000);
  });

  it('does not wait for a date that has passed', () => {
    expect(pauseOf('Sun, 22 Nov 2020 09:03:36 GMT')).toBe(0);
  });

  it.each([
    '',
    'soon',
    '-5',
    '1.5',
    '1e3',
    '0x10',
    ' 5',
    'first 5',
    '2027-01-01',
    'Sun, 22 Nov 2026 09:03:36 +0200',
    'Sunday, 22-Nov-26 09:03:36 GMT',
    'Sun, 99 Nov 2020 09:03:36 GMT',
    'x Sun, 22 Nov 2026 09:03:36 GMT',
    'Sun, 22 Nov 2026 09:03:36 GMT x',
  ])('cannot read %j', (value) => {
    expect(asRateLimited(asResponse(limited({ 'retry-after': value })))).toStrictEqual({
      kind: 'rate-limited',
    });
  });

  it('names no pause without the header', () => {
    expect(asRateLimited(asResponse(limited({})))).toStrictEqual({ kind: 'rate-limited' });
  });
});

describe(asUnreachable, () => {
  it.each([
    ['NOT_GITLAB', html(200)],
    ['NOT_GITLAB', html(302)],
    ['NOT_GITLAB', html(499)],
    ['UNEXPECTED_ANSWER', html(500)],
    ['UNEXPECTED_ANSWER', json(200, { status: 'ok' })],
    ['UNEXPECTED_ANSWER', json(200, [])],
  ])('is %s for %j', (reason, answer) => {
    expect(asUnreachable(asResponse(answer))).toStrictEqual({ kind: 'unreachable', reason });
  });
});

describe(nextPage, () => {
  const pageAfter = (headers: Readonly<Record<string, string>>, items = 1) =>
    nextPage(asResponse(json(200, [], headers)), 1, items);

  it.each([
    ['2', 2],
    ['10', 10],
    ['123456', 123_456],
    ['', 'none'],
    ['two', 'unknown'],
    ['-1', 'unknown'],
    ['1e3', 'unknown'],
    ['2;reboot', 'unknown'],
    ['1234567', 'unknown'],
  ])('reads X-Next-Page, %j: %s', (value, next) => {
    expect(pageAfter({ 'x-next-page': value, link: '<https://x/y?page=7>; rel="next"' })).toBe(
      next,
    );
  });

  it.each([
    ['<https://x/y?page=2&per_page=100>; rel="next", <https://x/y?page=1>; rel="first"', 2],
    ['<https://x/y?per_page=100&page=2>; rel="Next"', 2],
    ['<https://x/y?page=2>;\trel="next"', 2],
    ['<https://x/y?page=2>; title="more"; rel="next"', 2],
    ['<https://x/y?page=1>; rel="first", <https://x/y?page=2> ; rel = next', 2],
    ['<https://x/y?cursor=first&per_page=100>; rel="next"', 'unknown'],
    ['<https://x/y?cursor=first>; rel="next"', 'unknown'],
  ])('reads the link %s: %s', (link, next) => {
    expect(pageAfter({ link })).toBe(next);
  });

  it.each([
    '</style.css>; rel="preload"',
    '<https://x/y?page=1>; rel="first"',
    '<https://x/y?page=1>; rel="prev", <https://x/y?page=1>; rel="first"',
    '<https://x/y?page=2>; rel="last"; title="next"',
    'nonsense',
  ])('goes by the length of the page where the link names no next one: %s', (link) => {
    expect(pageAfter({ link }, 99)).toBe('none');
    expect(pageAfter({ link }, 100)).toBe(2);
  });

  it('goes by the length of the page without a header', () => {
    expect(pageAfter({}, 99)).toBe('none');
    expect(pageAfter({}, 100)).toBe(2);
  });
});

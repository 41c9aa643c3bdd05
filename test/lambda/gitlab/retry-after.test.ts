import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseRetryAfter } from '../../../lambda/gitlab/retry-after.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

describe(parseRetryAfter, () => {
  it.each([
    ['0', 0],
    ['60', 60_000],
    ['86400', DAY_MS],
  ])('reads %j as seconds', (value, ms) => {
    expect(parseRetryAfter(value)).toBe(ms);
  });

  it.each(['86401', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'takes no more than a day: %j',
    (value) => {
      expect(parseRetryAfter(value)).toBe(DAY_MS);
    },
  );

  it('reads a date as the time until then', () => {
    vi.useFakeTimers({ now: new Date('2026-11-22T09:03:36Z'), toFake: ['Date'] });

    expect(parseRetryAfter('Sun, 22 Nov 2026 09:05:06 GMT')).toBe(90_000);
  });

  it('does not wait for a date that has passed', () => {
    expect(parseRetryAfter('Sun, 22 Nov 2020 09:03:36 GMT')).toBe(0);
  });

  it.each([
    undefined,
    '',
    'soon',
    '-5',
    '1.5',
    '1e3',
    '0x10',
    ' 5',
    'first 5',
    '2027-01-01',
    'Sun, 99 Nov 2020 09:03:36 GMT',
  ])('knows nothing of %j', (value) => {
    expect(parseRetryAfter(value)).toBeUndefined();
  });
});

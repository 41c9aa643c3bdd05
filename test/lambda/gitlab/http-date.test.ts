import { describe, expect, it } from 'vitest';
import { parseHttpDate } from '../../../lambda/gitlab/http-date.ts';

describe(parseHttpDate, () => {
  it('reads the form of today', () => {
    expect(parseHttpDate('Sun, 22 Nov 2026 09:03:36 GMT')).toEqual(
      new Date('2026-11-22T09:03:36Z'),
    );
  });

  it.each([
    undefined,
    '',
    '2026-11-22',
    'Sun, 22 Nov 2026 09:03:36 +0200',
    'Sunday, 22-Nov-26 09:03:36 GMT',
    'Sun, 99 Nov 2026 09:03:36 GMT',
    '0',
  ])('knows nothing of %j', (value) => {
    expect(parseHttpDate(value)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { expiryText, wordOf } from '../../../lambda/alerts/advice-actions.ts';
import { readTokenId } from '../../../lambda/alerts/advice-commands.ts';

describe(wordOf, () => {
  it.each(['A', 'ECONNREFUSED', 'expires-too-soon', 'UND_ERR_1', 'x'.repeat(64)])(
    'takes %s for a word',
    (reason) => {
      expect(wordOf({ reason }, 'reason')).toBe(reason);
    },
  );

  it.each(['', '-A', '1A', '; A', 'A;', 'A B', 'x'.repeat(65), ['A'], 7, true])(
    'does not take %j for a word',
    (reason) => {
      expect(wordOf({ reason }, 'reason')).toBeUndefined();
    },
  );
});

describe(expiryText, () => {
  it.each(['on 2030-01-10', '2030-01-10T00:00:00Z', '10 Jan 2030', ['2030-01-10'], 20300110])(
    'does not take %j for a day',
    (day) => {
      expect(expiryText({ expiresAt: day, nextRotation: day })).toMatch(
        /^The token expires too soon, and so does not live until its next rotation is through\./,
      );
    },
  );
});

describe(readTokenId, () => {
  it.each(['12', 12])('takes %j for an id', (tokenId) => {
    expect(readTokenId(tokenId)).toBe('12');
  });

  it.each([undefined, null, '', 'x', '-1', '1.5', ['12'], 1.5])(
    'does not take %j for an id',
    (tokenId) => {
      expect(readTokenId(tokenId)).toBeUndefined();
    },
  );
});

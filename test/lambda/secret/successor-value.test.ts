import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RotationSettings } from '../../../lambda/ports/step.ts';
import { parseSecret } from '../../../lambda/secret/secret-value.ts';
import { withSuccessor } from '../../../lambda/secret/successor-value.ts';

const settings: RotationSettings = {
  gitlabUrl: 'https://gitlab.example.com',
  tokenField: 'token',
  lifetimeDays: 90,
};

const token = fc
  .string({ unit: fc.constantFrom(...'abcxyzABCXYZ0189_+=/@:.-') })
  .map((text) => `x${text}`);

describe('withSuccessor', () => {
  const successor = { token: 'successor-1', tokenId: '8' };

  it('writes a bare token back as a bare token', () => {
    expect(withSuccessor(' first\n', 'token', successor)).toBe('successor-1');
  });

  it('replaces token and tokenId where they stand, and nothing else', () => {
    const before =
      '{ "10": 1e2, "2": 12345678901234567890,\n\t"tokenId" : 7, "token":"first" , "x":[{"token":"first"}]}';

    const after = withSuccessor(before, 'token', successor);

    expect(after).toBe(
      '{ "10": 1e2, "2": 12345678901234567890,\n\t"tokenId" : "8", "token":"successor-1" , "x":[{"token":"first"}]}',
    );
  });

  it('adds the tokenId behind the token where there was none', () => {
    expect(withSuccessor('{"a":1,"pass":"first","b":2}', 'pass', successor)).toBe(
      '{"a":1,"pass":"successor-1","tokenId":"8","b":2}',
    );
  });

  it.each([
    ['{"token":"first","tokenId":"7","b":2}', '{"token":"next","b":2}'],
    ['{"tokenId":"7", "token":"first"}', '{"token":"next"}'],
    ['{"token":"first" , "tokenId":"7" }', '{"token":"next" }'],
    ['{"token":"first"}', '{"token":"next"}'],
  ])('takes out an id that would be wrong when GitLab told none: %s', (before, after) => {
    expect(withSuccessor(before, 'token', { token: 'next' })).toBe(after);
  });

  it('keeps every other member with its value, its order and its duplicates', () => {
    const members = fc.array(
      fc.tuple(
        fc.string().filter((key) => key !== 'token' && key !== 'tokenId'),
        fc.json(),
      ),
    );
    fc.assert(
      fc.property(members, members, token, token, (before, after, first, next) => {
        const write = (value: string, more: string) =>
          `{${[
            ...before.map(([key, json]) => `${JSON.stringify(key)}: ${json}`),
            `"token":${JSON.stringify(value)}${more}`,
            ...after.map(([key, json]) => `${JSON.stringify(key)} :${json}`),
          ].join(', ')}}`;

        const stored = withSuccessor(write(first, ''), 'token', { token: next, tokenId: '9' });

        expect(stored).toBe(write(next, ',"tokenId":"9"'));
      }),
    );
  });

  it('stores what parseSecret reads back, for any token in either shape', () => {
    fc.assert(
      fc.property(token, token, fc.boolean(), (first, next, asJson) => {
        const secretString = asJson ? JSON.stringify({ token: first, tokenId: 1 }) : first;

        const stored = withSuccessor(secretString, 'token', { token: next, tokenId: '2' });

        expect(parseSecret(stored, settings).token).toBe(next);
      }),
    );
  });
});

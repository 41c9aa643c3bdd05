import { describe, expect, it } from 'vitest';
import type { RotationSettings } from '../../../lambda/ports/step.ts';
import { parseSecret } from '../../../lambda/secret/secret-value.ts';
import { withSuccessor } from '../../../lambda/secret/successor-value.ts';

const settings: RotationSettings = {
  gitlabUrl: 'https://gitlab.example.com',
  tokenField: 'token',
  lifetimeDays: 90,
};

describe('parseSecret of a secret with a standby', () => {
  it.each([
    ['{"token":"other","tokenId":"8"}', { token: 'other', tokenId: '8' }],
    ['{"token":"other","tokenId":8,"since":2026}', { token: 'other', tokenId: '8' }],
    ['{"token":"other"}', { token: 'other' }],
    ['{"token":"other","tokenId":null}', { token: 'other' }],
  ])('reads %s', (standby, expected) => {
    const secret = parseSecret(`{"token":"first","standby":${standby}}`, settings);

    expect(secret).toStrictEqual({
      token: 'first',
      owner: { kind: 'token' },
      standby: expected,
    });
  });

  it('takes null for none', () => {
    const secret = parseSecret('{"token":"first","standby":null}', settings);

    expect(secret).toStrictEqual({ token: 'first', owner: { kind: 'token' } });
  });

  it('looks for the field token in it, whatever TOKEN_FIELD says', () => {
    const own = { ...settings, tokenField: 'password' };
    const standby = '{"password":"wrong","token":"other"}';

    const secret = parseSecret(`{"password":"first","standby":${standby}}`, own);

    expect(secret.standby).toStrictEqual({ token: 'other' });
  });

  it.each(['"other"', '[]', '7', 'true', '[{"token":"other"}]', '{}', '{"password":"other"}'])(
    'refuses %s',
    (standby) => {
      expect(() => parseSecret(`{"token":"first","standby":${standby}}`, settings)).toThrow(
        'SECRET_MALFORMED: the field "standby" is not an object with the token in its field "token"',
      );
    },
  );

  it.each([
    ['{"token":""}', 'the token of the standby holds no token'],
    ['{"token":null}', 'the token of the standby is not a token'],
    ['{"token":7}', 'the token of the standby is not a token'],
    ['{"token":"two words"}', 'the token of the standby is not a token'],
    ['{"token":"x","token":"y"}', 'the token of the standby stands in the secret twice'],
    ['{"token":"x","tokenId":1,"tokenId":1}', 'the tokenId of the standby stands in the secret'],
    ['{"token":"x","tokenId":"x"}', 'the tokenId of the standby is not a positive whole number'],
    ['{"token":"first"}', 'the same token twice: as its token and as its standby'],
  ])('refuses %s as a standby', (standby, reason) => {
    expect(() => parseSecret(`{"token":"first","standby":${standby}}`, settings)).toThrow(reason);
  });

  it('says so in the details when it is the current token once more, for the alert', () => {
    expect(() => parseSecret('{"token":"x","standby":{"token":"x"}}', settings)).toThrow(
      expect.objectContaining({ code: 'SECRET_MALFORMED', details: { duplicate: 'standby' } }),
    );
  });

  it('refuses two of them', () => {
    const standby = '{"token":"other"}';

    expect(() =>
      parseSecret(`{"token":"first","standby":${standby},"standby":${standby}}`, settings),
    ).toThrow('the field "standby" stands in the secret twice');
  });

  it('quotes nothing of the secret', () => {
    const text = '{"token":"first","standby":{"token":"glpat-hidden with-space"}}';

    expect(() => parseSecret(text, settings)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hidden') }),
    );
  });

  it('keeps room for two successors, however long', () => {
    const secretOf = (bytes: number) => {
      const rest = '{"token":"first","standby":{"token":"other"},"note":""}';
      return rest.replace('""', `"${'x'.repeat(bytes - rest.length)}"`);
    };
    const longest = 512 * 2 + '"",'.length + '"tokenId":""'.length + 20;
    const largest = 65_536 - 2 * longest + '"first"'.length + '"other"'.length;

    expect(parseSecret(secretOf(largest), settings).token).toBe('first');
    expect(() => parseSecret(secretOf(largest + 1), settings)).toThrow(
      `the secret has ${largest + 1} bytes, too many to store a successor: allowed are ${largest}`,
    );
  });
});

describe('withSuccessor of a secret with a standby', () => {
  const successor = { token: 'successor', tokenId: '9' };
  const previous = { token: 'first', tokenId: '7' };

  it.each([
    [
      '{"token":"first","tokenId":7,"standby":{"token":"other","tokenId":8}}',
      '{"token":"successor","tokenId":"9","standby":{"token":"first","tokenId":"7"}}',
    ],
    [
      '{"standby": {"tokenId": "8", "x": [1], "token": "other" } , "token": "first" }',
      '{"standby": {"tokenId": "7", "x": [1], "token": "first" } , "token": "successor","tokenId":"9" }',
    ],
    [
      '{"token":"first","standby":{"token":"other"}}',
      '{"token":"successor","tokenId":"9","standby":{"token":"first","tokenId":"7"}}',
    ],
    ['{"token":"first","standby":null}', '{"token":"successor","tokenId":"9","standby":null}'],
  ])('puts both into %s', (before, after) => {
    expect(withSuccessor(before, 'token', successor, previous)).toBe(after);
  });

  it('takes the ids out that are not known any more', () => {
    const text = '{"token":"first","tokenId":7,"standby":{"tokenId":8,"token":"other"}}';

    const next = withSuccessor(text, 'token', { token: 'successor' }, { token: 'first' });

    expect(next).toBe('{"token":"successor","standby":{"token":"first"}}');
  });

  it('leaves a standby alone of which nothing is said', () => {
    const text = '{"token":"first","standby":{"token":"other"}}';

    expect(withSuccessor(text, 'token', { token: 'successor' })).toBe(
      '{"token":"successor","standby":{"token":"other"}}',
    );
  });
});

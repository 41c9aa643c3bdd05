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

describe('parseSecret', () => {
  it('takes plain text for the bare token and ignores white space around it', () => {
    const secret = parseSecret('\n  first \r\n', settings);

    expect(secret).toEqual({ token: 'first', owner: { kind: 'token' } });
  });

  it('says nothing of an id that the secret does not hold', () => {
    const secret = parseSecret('{"token":"first"}', settings);

    expect(secret).toStrictEqual({ token: 'first', owner: { kind: 'token' } });
  });

  it('takes a null for a member that is not there', () => {
    const secret = parseSecret('{"token":"first","tokenId":null,"gitlabUrl":null}', settings);

    expect(secret).toStrictEqual({ token: 'first', owner: { kind: 'token' } });
  });

  it.each(['"x12"', '"12x"', '"012"', '"0"', '""', '-1', '1.5', 'true', '[12]', '{}'])(
    'refuses %s for a tokenId',
    (tokenId) => {
      expect(() => parseSecret(`{"token":"first","tokenId":${tokenId}}`, settings)).toThrow(
        'the tokenId of the secret is not a positive whole number',
      );
    },
  );

  it('takes a gitlabUrl with a slash at its end for the same', () => {
    const below = { ...settings, gitlabUrl: 'https://gitlab.example.com/gitlab' };
    const text = '{"token":"first","gitlabUrl":"https://gitlab.example.com/gitlab/"}';

    expect(parseSecret(text, below).token).toBe('first');
  });

  it('reads the token, its id and its project from a JSON object', () => {
    const secret = parseSecret('{"token":"first","tokenId":"7","projectId":42}', settings);

    expect(secret).toEqual({
      token: 'first',
      tokenId: '7',
      owner: { kind: 'project', id: '42' },
    });
  });

  it.each([
    ['"projectId":"group/app"', { kind: 'project', id: 'group/app' }],
    ['"projectId":"42"', { kind: 'project', id: '42' }],
    ['"groupId":7', { kind: 'group', id: '7' }],
    ['"groupId":"a/b.c_d-e"', { kind: 'group', id: 'a/b.c_d-e' }],
    ['"groupId":null,"projectId":1', { kind: 'project', id: '1' }],
    ['"projectId":null', { kind: 'token' }],
  ])('finds the owner in %s', (member, owner) => {
    expect(parseSecret(`{"token":"first",${member}}`, settings).owner).toEqual(owner);
  });

  it('takes GITLAB_PROJECT_ID for a secret that names no owner, and only for such a one', () => {
    const withProject = { ...settings, projectId: '99' };

    expect(parseSecret('first', withProject).owner).toEqual({ kind: 'project', id: '99' });
    expect(parseSecret('{"token":"first"}', withProject).owner).toEqual({
      kind: 'project',
      id: '99',
    });
    expect(parseSecret('{"token":"first","projectId":1}', withProject).owner.kind).toBe('project');
    expect(parseSecret('{"token":"first","groupId":1}', withProject).owner).toEqual({
      kind: 'group',
      id: '1',
    });
  });

  it('finds the token in the field that TOKEN_FIELD names, whatever its spelling in JSON', () => {
    const secret = parseSecret('{"GITLAB_TOK\\u0045N":"first"}', {
      ...settings,
      tokenField: 'GITLAB_TOKEN',
    });

    expect(secret.token).toBe('first');
  });

  it('accepts a byte order mark before the object', () => {
    expect(parseSecret('\uFEFF{"token":"first"}', settings).token).toBe('first');
  });

  it.each([
    'https://gitlab.example.com',
    'https://GitLab.example.com/',
    'https://gitlab.example.com:443',
  ])('accepts %s as the GITLAB_URL in other words', (url) => {
    expect(parseSecret(`{"token":"first","gitlabUrl":"${url}"}`, settings).token).toBe('first');
  });

  it.each(['', '"tokenId":7,', '"tokenId":"12345",'])(
    'accepts the largest secret that leaves room for any successor, beside %j',
    (member) => {
      // In JSON a quote takes two characters.
      const largest = { token: '"'.repeat(512), tokenId: '12345678901234567890' };
      const secretWith = (filler: string) => `{"token":"first",${member}"more":"${filler}"}`;
      const bytes = Buffer.byteLength(withSuccessor(secretWith(''), 'token', largest));
      const secretString = secretWith('x'.repeat(65_536 - bytes));

      const stored = withSuccessor(secretString, 'token', largest);

      expect(parseSecret(secretString, settings).token).toBe('first');
      expect(Buffer.byteLength(stored)).toBe(65_536);
      expect(() => parseSecret(secretString.replace('x', 'xx'), settings)).toThrow(
        /too many to store/,
      );
    },
  );

  it('accepts what was stored into the largest secret, which testSecret reads next', () => {
    const largest = { token: '"'.repeat(512), tokenId: '12345678901234567890' };
    const bytes = Buffer.byteLength(withSuccessor('{"token":"first","more":""}', 'token', largest));
    const secretString = `{"token":"first","more":"${'x'.repeat(65_536 - bytes)}"}`;

    const stored = withSuccessor(secretString, 'token', { token: 'next', tokenId: '7' });

    expect(parseSecret(stored, settings)).toMatchObject({ token: 'next', tokenId: '7' });
  });

  it.each([
    ['', 'the secret, read as plain text, holds no token'],
    ['   ', 'the secret, read as plain text, holds no token'],
    ['two words', 'the secret, read as plain text, is not a token'],
    ['tökén', 'is not a token'],
    ['t'.repeat(513), '1 to 512 printable ASCII characters without white space'],
    ['{"token":"first"', 'begins with "{" but is not a JSON object'],
    ['{first}', 'begins with "{" but is not a JSON object'],
    ['{}', 'the field "token" is missing in the secret'],
    ['{"token":"first","projectId":1.5}', 'the projectId of the secret is neither a number nor'],
    ['{"token":"first","projectId":0}', 'the projectId of the secret is neither a number nor'],
    ['{"token":"first","projectId":12345678901234567890}', 'neither a number nor a full path'],
    ['{"token":""}', 'the field "token" holds no token'],
    ['{"token":null}', 'the field "token" is not a token'],
    ['{"token":["first"]}', 'the field "token" is not a token'],
    ['{"token":"a b"}', 'the field "token" is not a token'],
    ['{"token":"first\\n"}', 'the field "token" is not a token'],
    ['{"token":"first","token":"second"}', 'the field "token" stands in the secret twice'],
    ['{"token":"first","tokenId":1,"tokenId":2}', 'the field "tokenId" stands in the secret twice'],
    ['{"token":"first","tokenId":"x"}', 'the tokenId of the secret is not a positive whole number'],
    ['{"token":"first","tokenId":{}}', 'the tokenId of the secret is not a positive whole number'],
    ['{"token":"first","tokenId":{"toString":1}}', 'the tokenId of the secret is not a positive'],
    ['{"token":"first","projectId":{"toString":1}}', 'the projectId of the secret is neither'],
    ['{"token":"first","tokenId":0}', 'the tokenId of the secret is not a positive whole number'],
    ['{"token":"first","projectId":1,"groupId":2}', 'both projectId and groupId'],
    ['{"token":"first","projectId":""}', 'the projectId of the secret is neither a number nor'],
    ['{"token":"first","projectId":true}', 'the projectId of the secret is neither a number nor'],
    [
      '{"token":"first","projectId":"group%2Fapp"}',
      'neither a number nor a full path like group/app',
    ],
    ['{"token":"first","projectId":".."}', 'neither a number nor a full path'],
    ['{"token":"first","projectId":"a/../b"}', 'neither a number nor a full path'],
    ['{"token":"first","projectId":"a/."}', 'neither a number nor a full path'],
    ['{"token":"first","groupId":"/a"}', 'the groupId of the secret is neither a number nor'],
    ['{"token":"first","gitlabUrl":"https://evil.example.com"}', 'is not the GITLAB_URL'],
    ['{"token":"first","gitlabUrl":"http://gitlab.example.com"}', 'is not the GITLAB_URL'],
    ['{"token":"first","gitlabUrl":"gitlab.example.com"}', 'is not the GITLAB_URL'],
    ['{"token":"first","gitlabUrl":5}', 'is not the GITLAB_URL'],
    ['{"token":"first","gitlabUrl":["https://gitlab.example.com"]}', 'is not the GITLAB_URL'],
  ])('refuses %j and says what is wrong', (secretString, text) => {
    const parse = () => parseSecret(secretString, settings);

    expect(parse).toThrow(expect.objectContaining({ code: 'SECRET_MALFORMED' }));
    expect(parse).toThrow(text);
  });

  it.each(['{}', '{"tok-en":" "}', '{"tok-en":"a","tok-en":"b"}'])(
    'does not quote a TOKEN_FIELD that may be a token: %s',
    (secretString) => {
      const parse = () => parseSecret(secretString, { ...settings, tokenField: 'tok-en' });

      expect(parse).toThrow(/the field that TOKEN_FIELD names/);
      expect(parse).not.toThrow(/tok-en/);
    },
  );

  it('never repeats anything of a secret that it refuses', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), (noise) => {
        for (const secretString of [`{${noise}`, `{"token":"§${noise}"}`, `§${noise} ${noise}`]) {
          try {
            parseSecret(secretString, settings);
          } catch (error) {
            expect(String(error)).not.toContain(noise);
          }
        }
      }),
    );
  });
});

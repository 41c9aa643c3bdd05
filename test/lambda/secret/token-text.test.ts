import { describe, expect, it } from 'vitest';
import type { RotationSettings } from '../../../lambda/ports/step.ts';
import { parseSecret } from '../../../lambda/secret/secret-value.ts';

const settings: RotationSettings = {
  gitlabUrl: 'https://gitlab.example.com',
  tokenField: 'token',
  lifetimeDays: 90,
};

describe('the text of a token', () => {
  it.each([
    '"first"',
    '\n "first"\r\n',
    '\uFEFF"first"',
    '["first"]',
    '[ "first", "second" ]',
    '[{"token":"first"}]',
    '"{\\"token\\":\\"first\\"}"',
    '"first',
    '[first]',
    "'first'",
    '\'{"token":"first"}\'',
    '`first`',
    '4711',
    '-1.5e3',
    'null',
    'true',
    'false',
    'first"',
    '\\"first\\"',
    "fir'st",
    'first`',
    '<first>',
    '(first)',
    'first}',
    'first]',
    'first,',
    'first;',
    '$TOKEN',
    `$\{TOKEN}`,
    '*****',
    'GITLAB_TOKEN=glpat-first',
    'T0=glpat-first',
  ])('takes %j for no bare token, and says what to store', (secretString) => {
    const parse = () => parseSecret(secretString, settings);

    expect(parse).toThrow(expect.objectContaining({ code: 'SECRET_MALFORMED' }));
    expect(parse).toThrow(
      'the secret, read as plain text, is JSON without an object, or in quotes or brackets:' +
        ' store the bare token without quotes, or a JSON object',
    );
  });

  it.each([
    ['the field "token"', (token: string) => ({ token })],
    ['the token of the standby', (token: string) => ({ token: 'first', standby: { token } })],
  ])('takes JSON within JSON for no token: %s', (where, valueFor) => {
    const forms = ['"first"', '{"token":"first"}', '["first"]', "'first'", 'null', '7'];
    for (const token of [...forms, 'first"', '<first>', '*****', 'A_TOKEN=glpat-first']) {
      const parse = () => parseSecret(JSON.stringify(valueFor(token)), settings);

      expect(parse).toThrow(expect.objectContaining({ code: 'SECRET_MALFORMED' }));
      expect(parse).toThrow(`${where} is JSON`);
    }
  });

  it.each([
    'nullable',
    'truest',
    '12345x',
    // All that a prefix may hold, which an administrator of GitLab chooses.
    'Az09_+=/@:.-first',
    'ACME=first',
    'TOKEN=-glpat-first',
    'acme=glpat-first',
  ])('takes %s for a token', (token) => {
    expect(parseSecret(token, settings).token).toBe(token);
    expect(parseSecret(JSON.stringify({ token }), settings).token).toBe(token);
  });
});

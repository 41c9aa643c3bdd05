import { describe, expect, it } from 'vitest';
import { parseSecretSettings } from '../../../lambda/settings/secret-settings.ts';

/** What somebody may have put into the wrong place. */
const MISPLACED = 'glpat-in-the-wrong-place';
const UNKNOWN = 'use tokenLifetimeDays, alternatingTokens, tokenField, projectId';

describe(parseSecretSettings, () => {
  it('reads the settings of each secret, all of them or some', () => {
    const text = JSON.stringify({
      'app/all': {
        tokenLifetimeDays: 60,
        alternatingTokens: true,
        tokenField: 'password',
        projectId: 'group/app',
      },
      'app/some': { alternatingTokens: false },
      'app/none': {},
    });

    expect(settingsIn(text)).toStrictEqual([
      [
        'app/all',
        {
          lifetimeDays: 60,
          alternatingTokens: true,
          tokenField: 'password',
          projectId: 'group/app',
        },
      ],
      ['app/some', { alternatingTokens: false }],
      ['app/none', {}],
    ]);
  });

  it.each([
    ['{"tokenLifetimeDays":"60"}', { lifetimeDays: 60 }],
    ['{"alternatingTokens":"true"}', { alternatingTokens: true }],
    ['{"projectId":42}', { projectId: '42' }],
    ['{"tokenField":" password\\n"}', { tokenField: 'password' }],
    ['{"tokenLifetimeDays":null,"projectId":""}', {}],
  ])('reads %s as the variables are read', (members, settings) => {
    expect(settingsIn(`{"app/token":${members}}`)).toStrictEqual([['app/token', settings]]);
  });

  it('keeps a name that objects have members for', () => {
    expect(settingsIn('{"__proto__":{"tokenField":"password"}}')).toStrictEqual([
      ['__proto__', { tokenField: 'password' }],
    ]);
  });

  it.each([MISPLACED, `{"${MISPLACED}`, 'null', '60', `"${MISPLACED}"`, `["${MISPLACED}"]`])(
    'refuses %s, which is no JSON object',
    (text) => {
      expect(parseSecretSettings(text)).toStrictEqual({
        problem: 'must be a JSON object, like {"app/gitlab-token": {"tokenLifetimeDays": 60}}',
      });
    },
  );

  it.each([
    `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${MISPLACED}-AbCdEf`,
    `${MISPLACED} ${MISPLACED}`,
    '',
    'x'.repeat(513),
  ])('refuses the key %o without quoting it', (key) => {
    expect(parseSecretSettings(JSON.stringify({ [key]: {} }))).toStrictEqual({
      problem: 'has a key that is not the name of a secret: use the name, not the ARN',
    });
  });

  it.each([60, MISPLACED, null, [MISPLACED]])('refuses %o in place of settings', (settings) => {
    expect(parseSecretSettings(JSON.stringify({ 'app/token': settings }))).toStrictEqual({
      problem: '"app/token" must be an object, like {"tokenLifetimeDays": 60}',
    });
  });

  it.each([
    ['lifetime', `has an unknown member lifetime: ${UNKNOWN}`],
    ['x'.repeat(32), `has an unknown member ${'x'.repeat(32)}: ${UNKNOWN}`],
    ['x'.repeat(33), `has an unknown member: ${UNKNOWN}`],
    [MISPLACED, `has an unknown member: ${UNKNOWN}`],
    [`a ${MISPLACED}`, `has an unknown member: ${UNKNOWN}`],
    ['constructor', `has an unknown member constructor: ${UNKNOWN}`],
    ['__proto__', `has an unknown member: ${UNKNOWN}`],
  ])('refuses the member %s, and quotes it only where it is one word', (member, problem) => {
    expect(parseSecretSettings(`{"app/token":{"${member}":"${MISPLACED}"}}`)).toStrictEqual({
      problem: `"app/token" ${problem}`,
    });
  });

  it.each([
    ['{"tokenLifetimeDays":401}', /^tokenLifetimeDays must be .* from 2 to 400, got 401$/],
    ['{"tokenLifetimeDays":60.5}', /^tokenLifetimeDays must be .* from 2 to 400$/],
    ['{"tokenLifetimeDays":true}', /^tokenLifetimeDays must be /],
    ['{"alternatingTokens":1}', /^alternatingTokens must be true or false$/],
    ['{"tokenField":"standby"}', /^tokenField must not be one of /],
    ['{"projectId":"app"}', /^projectId must be the number of a project or its full path/],
  ])('refuses the value in %s as the variables do', (members, problem) => {
    expect(problemIn(`{"app/token":${members}}`)).toMatch(
      new RegExp(problem.source.replace('^', '^"app/token" ')),
    );
  });

  it.each(['tokenLifetimeDays', 'alternatingTokens', 'tokenField', 'projectId'])(
    'refuses an object or a list in %s',
    (member) => {
      expect(problemIn(`{"app/token":{"${member}":{}}}`)).toContain(`"app/token" ${member} must `);
      expect(problemIn(`{"app/token":{"${member}":["group/app"]}}`)).toContain(`${member} must `);
    },
  );

  it('says every problem at once, each with the name of the variable, and quotes no value', () => {
    const problem = problemIn(
      JSON.stringify({
        'app/one': { tokenLifetimeDays: 1, alternatingTokens: MISPLACED, token: MISPLACED },
        'app/right': { tokenLifetimeDays: 60 },
        [`a ${MISPLACED}`]: { tokenLifetimeDays: 60 },
        'app/two': MISPLACED,
      }),
    );

    expect(problem.split('; ')).toEqual([
      `"app/one" has an unknown member token: ${UNKNOWN}`,
      'SECRET_SETTINGS "app/one" tokenLifetimeDays must be a whole number of days from 2 to 400, got 1',
      'SECRET_SETTINGS "app/one" alternatingTokens must be true or false',
      expect.stringMatching(/^SECRET_SETTINGS has a key that is not the name of a secret/),
      expect.stringMatching(/^SECRET_SETTINGS "app\/two" must be an object/),
    ]);
    expect(problem).not.toContain(MISPLACED);
  });
});

/** As a list, since a Map with a member that is undefined equals one without it. */
function settingsIn(text: string): unknown {
  const read = parseSecretSettings(text);
  return 'problem' in read ? read : [...read];
}

function problemIn(text: string): string {
  const read = parseSecretSettings(text);
  if ('problem' in read) {
    return read.problem;
  }
  throw new Error('parseSecretSettings found no problem');
}

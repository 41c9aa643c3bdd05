import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  type Deployed,
  isRotationEnabled,
  presentNextSteps,
} from '../../../../infra/app/deployment/next-steps.ts';
import type { SecretState } from '../../../../infra/app/deployment/secret-state.ts';

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:rotation';

/** A secret that has just been created. */
function state(name: string, others: Partial<SecretState> = {}): SecretState {
  const settings = { name, create: true };
  return { name, settings, isRotated: true, hasValue: false, wasRotated: false, ...others };
}

function present(states: readonly SecretState[], others: Partial<Deployed> = {}): string {
  return presentNextSteps({
    settings: { gitlabUrl: 'https://gitlab.acme.dev', secrets: [] },
    states,
    created: { secrets: [], schedules: [] },
    newAddresses: [],
    functionArn: FUNCTION_ARN,
    topicArn: 'arn:aws:sns:eu-west-1:123456789012:alerts',
    profile: undefined,
    ...others,
  });
}

/** The commands, as somebody pastes them. */
function commandsIn(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('   '))
    .map((line) => line.trim());
}

describe('after a deployment', () => {
  it('says how to begin with one secret, in four steps', () => {
    const text = present([state('app/a')], { newAddresses: ['ops@acme.dev'] });

    expect(text).toContain('Rotation is enabled for app/a.');
    expect(text).toContain(
      '2. Confirm the mail within two days: follow the link in the first mail to ops@acme.dev.',
    );
    expect(commandsIn(text)).toEqual([
      `( read -rs TOKEN && : "\${TOKEN:?is empty}" && export TOKEN && jq -n '{"token": env.TOKEN}' | aws secretsmanager put-secret-value --secret-id app/a --secret-string file:///dev/stdin )`,
      'aws sns subscribe --topic-arn arn:aws:sns:eu-west-1:123456789012:alerts --protocol email --notification-endpoint ops@acme.dev',
      'aws secretsmanager rotate-secret --secret-id app/a --no-rotate-immediately',
      'aws secretsmanager rotate-secret --secret-id app/a',
    ]);
  });

  it('says what a token without a project costs', () => {
    const text = (settings: object) =>
      present([state('app/a', { settings: { name: 'app/a', create: true, ...settings } })]);

    expect(text({})).toMatch(/A lost token can be\s+recovered\s+only\s+if\s+its project is known/);
    expect(text({ projectId: '7' })).not.toContain('lost token');
  });

  it('puts many tokens in a loop, one for each form of a secret', () => {
    const named = (name: string, settings: object) =>
      state(name, { settings: { name, create: true, ...settings } });
    const text = present(
      [
        state('app/a'),
        state('app/b'),
        named('app/c', { tokenField: "it's" }),
        named('app/d', { alternatingTokens: true }),
      ],
      { profile: 'my profile' },
    );

    expect(text).toContain(
      '1. Put the tokens into 2 secrets. For each, the command waits, without',
    );
    expect(text).toContain('2. Put the token into app/c. The command waits, without echo, for the');
    expect(text).toContain(
      '3. Put the two tokens into app/d. The command waits, without echo, for',
    );
    const commands = commandsIn(text);
    expect(commands).toHaveLength(5);
    expect(commands[0]).toMatch(/^for SECRET_ID in app\/a app\/b; do printf .* read -rs TOKEN /);
    expect(commands[0]).toContain("aws --profile 'my profile' secretsmanager put-secret-value");
    expect(commands[1]).toContain(String.raw`jq -n '{"it'\''s": env.TOKEN}'`);
    expect(commands[2]).toContain('{"token": env.TOKEN, "standby": {"token": env.STANDBY}}');
    expect(commands[3]).toMatch(/^for SECRET_ID in app\/a app\/b app\/c app\/d; do aws /);
    for (const command of commands) {
      expect(() => execFileSync('bash', ['-n'], { input: command })).not.toThrow();
    }
  });

  it('has nothing more to say of secrets that are rotated', () => {
    const text = present([state('app/a', { hasValue: true, wasRotated: true })]);

    expect(text).toBe('Rotation is enabled for app/a.\n\nThere is nothing else to do.');
  });

  it('says loudly where rotation is off, and how to switch it on', () => {
    const off = state('app/a', { isRotated: false, hasValue: true, wasRotated: true });
    const settings = { gitlabUrl: 'https://gitlab.acme.dev', window: '3h', secrets: [] };

    const text = present([off], { settings });

    expect(isRotationEnabled({ states: [off], functionArn: FUNCTION_ARN })).toBe(false);
    expect(text).toContain('Rotation is NOT enabled for app/a.');
    expect(commandsIn(text)).toEqual([
      `aws secretsmanager rotate-secret --secret-id app/a --rotation-lambda-arn ${FUNCTION_ARN} --rotation-rules '{"ScheduleExpression":"rate(30 days)","Duration":"3h"}' --no-rotate-immediately`,
    ]);
  });

  it.each([
    ['123456789012', 'Switch it on:'],
    ['111122223333', 'Switch it on, with credentials of account 111122223333:'],
  ])('says whose credentials switch on a secret of account %s', (account, sentence) => {
    const arn = `arn:aws:secretsmanager:eu-west-1:${account}:secret:app/a-AbCdEf`;

    expect(present([state('app/a', { settings: { arn }, isRotated: false })])).toContain(sentence);
  });

  it('leaves a secret of another account to its owner', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/a-AbCdEf';
    const foreign = state('app/a', { settings: { arn }, isRotated: false, hasValue: true });

    const text = present([foreign], { profile: 'ours' });

    expect(isRotationEnabled({ states: [foreign], functionArn: FUNCTION_ARN })).toBe(true);
    expect(commandsIn(text)).toEqual([
      expect.stringMatching(/^aws secretsmanager rotate-secret .* --no-rotate-immediately$/),
    ]);
  });

  it('says how to look where it may not', () => {
    const unknown = { isRotated: undefined, hasValue: undefined, wasRotated: undefined };
    const states = [state('app/a', { ...unknown, error: 'AccessDeniedException' })];

    const text = present(states);
    const look = 'aws secretsmanager describe-secret --secret-id app/a --query RotationEnabled';

    expect(isRotationEnabled({ states, functionArn: FUNCTION_ARN })).toBe(true);
    expect(text).toContain('It could not be read for app/a (AccessDeniedException).');
    // It may hold a token that was rotated since somebody put one.
    expect(commandsIn(text)).toEqual([look]);

    const created = { secrets: ['app/a'], schedules: ['app/a'] };
    expect(commandsIn(present(states, { created }))).toEqual([
      look,
      expect.stringContaining('put-secret-value --secret-id app/a'),
      expect.stringMatching(/rotate-secret .* --no-rotate-immediately$/),
      expect.stringMatching(/rotate-secret --secret-id app\/a$/),
    ]);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { blocks, commandAfter, ROOT, section } from '../rig/documents/documents.ts';
import { deploy, SECRET_NAME } from './deployed.ts';

const FIVE_MINUTES = section('Five minutes on AWS');
const THIRTY = section('Thirty tokens');

describe('the first five minutes on AWS', () => {
  it('work in their order, and once more with another token; then the secret can be deleted', async () => {
    const file = readFileSync(join(ROOT, 'infra', 'rotation.example.json'), 'utf8');
    const [copy, deployment, put = '', test = '', rotate = '', ...more] = blocks(
      'sh',
      FIVE_MINUTES,
    );
    await using world = await deploy();
    const { gitlab, lambda, secretsManager, sns } = world;
    expect(file).toContain(`"name": "${SECRET_NAME}"`);
    expect(copy).toBe('cp infra/rotation.example.json rotation.json\n');
    expect(deployment).toBe('npm run deploy\n');
    expect(more).toEqual([]);

    // Enter alone.
    await expect(world.type(put, '')).rejects.toThrow('TOKEN: is empty');
    expect(secretsManager.valueOf(SECRET_NAME, 'AWSCURRENT')).toBeUndefined();

    for (const token of ['first', 'second']) {
      world.createToken(token);
      expect(await world.type(put, token)).not.toContain(token);
      const before = lambda.invocations.length;
      await world.type(test, token);
      expect(lambda.invocations.length - before).toBe(1);
      expect(secretsManager.events.at(-1)?.eventName).toBe('TestRotationSucceeded');
      expect(gitlab.isActive(token)).toBe(true);

      const already = gitlab.calls.length;
      const [, staged] = JSON.parse((await world.type(rotate, token)).replace(/^\{.*?^\}$/ms, ''));
      const { token: current } = JSON.parse(
        secretsManager.valueOf(SECRET_NAME, 'AWSCURRENT') ?? '',
      );
      expect(Object.values(staged).flat()).toContain('AWSCURRENT');
      expect(gitlab.isActive(current)).toBe(true);
      expect(gitlab.isActive(token)).toBe(false);
      expect(gitlab.calls.slice(already).map(({ operation }) => operation)).toEqual(drawnCalls());
    }
    // Of the test of the empty secret, as step 3 says.
    expect(sns.messages.map(({ attributes }) => attributes['code']?.value)).toEqual([
      'SECRET_MISSING',
    ]);
    await world.type(commandAfter('Revoke the token in GitLab, too.'), '');
    expect(secretsManager.snapshot(SECRET_NAME).deletedDate).toBeInstanceOf(Date);
  }, 60_000);
});

describe('thirty tokens', () => {
  it('are put by one command, which shows none of them', async () => {
    const [file = '{}'] = blocks('json', THIRTY);
    const { secrets } = JSON.parse(file) as { secrets: { name: string; create?: boolean }[] };
    const created = secrets.filter(({ create }) => create).map(({ name }) => name);
    await using world = await deploy();
    for (const Name of created.filter((name) => name !== SECRET_NAME)) {
      await world.operator.send(new CreateSecretCommand({ Name }));
    }
    const tokens = created.map((name) => `token-of-${name}`);

    const output = await world.type(
      commandAfter('The first asks for the token of each empty secret:'),
      tokens.join('\n'),
    );

    expect(created.length).toBeGreaterThan(1);
    for (const [index, name] of created.entries()) {
      const token = tokens[index];
      expect(world.secretsManager.valueOf(name, 'AWSCURRENT')).toContain(`"${token}"`);
      expect(output).not.toContain(token);
    }
  }, 60_000);
});

/** The calls of GitLab in the picture, from top to bottom. */
function drawnCalls(): string[] {
  const picture = readFileSync(join(ROOT, 'infra', 'rotation.svg'), 'utf8');
  const methods = [...picture.matchAll(/>(GET|POST):/g)].map(([, method]) => method);
  return methods.map((method) => (method === 'GET' ? 'probe' : 'rotate'));
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { presentNextSteps } from '../../infra/app/deployment/next-steps.ts';
import type { RotationSettings } from '../../infra/app/settings/schema.ts';
import { blocks, commandAfter, ROOT, section } from '../rig/documents/documents.ts';
import { deploy, SECRET_NAME } from './deployed.ts';

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:rotation';
const TOPIC_ARN = 'arn:aws:sns:eu-west-1:123456789012:alerts';

const FIVE_MINUTES = section('Five minutes on AWS');
const MANY = section('Many secrets');

describe('the first five minutes on AWS', () => {
  it('work in their order, and once more with another token; then the secret can be deleted', async () => {
    const file = readFileSync(join(ROOT, 'infra', 'rotation.example.json'), 'utf8');
    const [deployment, put = '', test = '', rotate = '', ...more] = blocks('sh', FIVE_MINUTES);
    await using world = await deploy();
    const { gitlab, lambda, secretsManager, sns } = world;
    expect(file).toContain(`"name": "${SECRET_NAME}"`);
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
    await world.type(commandAfter('Revoke its tokens in GitLab, too.'), '');
    expect(secretsManager.snapshot(SECRET_NAME).deletedDate).toBeInstanceOf(Date);
  }, 60_000);
});

describe('many tokens', () => {
  it('are put by the one command that the deployment ends with, which shows none of them', async () => {
    const [file = '{}'] = blocks('json', MANY);
    const settings = JSON.parse(file) as RotationSettings;
    const created = settings.secrets.filter(({ create }) => create).map(({ name = '' }) => name);
    await using world = await deploy();
    for (const Name of created.filter((name) => name !== SECRET_NAME)) {
      await world.operator.send(new CreateSecretCommand({ Name }));
    }
    const tokens = created.map((name) => `token-of-${name}`);

    const [put = ''] = /^ *for SECRET_ID.*/m.exec(nextSteps(settings)) ?? [];
    const output = await world.type(put.trim(), tokens.join('\n'));

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

/** As `npm run deploy` ends where it has created every secret. */
function nextSteps(settings: RotationSettings): string {
  return presentNextSteps({
    settings,
    states: settings.secrets.map((of) => ({
      ...{ name: of.name ?? '', settings: of },
      ...{ isRotated: true, hasValue: false, wasRotated: false },
    })),
    ...{ created: { secrets: [], schedules: [] }, newAddresses: [] },
    ...{ functionArn: FUNCTION_ARN, topicArn: TOPIC_ARN, profile: undefined },
  });
}

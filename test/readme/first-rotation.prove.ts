import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud } from '../../infra/local/cloud/cloud.ts';
import { startGitLab } from '../../infra/local/gitlab/gitlab.ts';
import { SimulatedClock } from '../rig/clock/simulated-clock.ts';
import { type OperatorShell, openShell } from '../rig/shell/operator-shell.ts';
import { sharedBundle } from '../rig/vitest/shared-bundle.ts';
import { blocks, commandAfter, README, ROOT } from './documents.ts';

const SECRET_NAME = 'app/gitlab-token';
const DAY_MS = 24 * 3_600_000;
const [, FIVE_MINUTES = ''] = /^## Five minutes on AWS$(.*?)^## /ms.exec(README) ?? [];
const [, THIRTY = ''] = /^## Thirty tokens$(.*?)^## /ms.exec(README) ?? [];

let shell: OperatorShell;

beforeAll(async () => {
  shell = await openShell();
});
afterAll(() => shell[Symbol.asyncDispose]());

/** What the deployment makes, as far as it can be made on this machine; and somebody at a shell. */
async function deploy() {
  await using servers = new AsyncDisposableStack();
  const clock = new SimulatedClock();
  const gitlab = servers.use(await startGitLab({ clock }));
  const cloud = servers.use(
    await startCloud({ gitlabUrl: gitlab.url, clock, bundle: sharedBundle(), maxAttempts: 1 }),
  );
  const { secretsManager, operator, lambda } = cloud;
  const project = gitlab.addProject({ path: 'group/app' });
  await operator.send(new CreateSecretCommand({ Name: SECRET_NAME }));
  const ended = () => clock.during(secretsManager.rotationEnded(SECRET_NAME));
  const schedule = async () => {
    await operator.send(
      new RotateSecretCommand({
        SecretId: SECRET_NAME,
        RotationLambdaARN: lambda.functionArn,
        RotationRules: { AutomaticallyAfterDays: 30 },
        RotateImmediately: false,
      }),
    );
    return await ended();
  };
  await schedule();
  const running = servers.move();
  return {
    ...cloud,
    gitlab,
    project,
    /** What CloudFormation makes of a rotation schedule; then AWS does a dry run. */
    schedule,
    createToken: (value: string) =>
      gitlab.createAccessToken({
        resource: project,
        scopes: ['self_rotate'],
        expiresAt: new Date(clock.now().getTime() + 60 * DAY_MS).toISOString().slice(0, 10),
        value,
      }),
    /** Types a block of commands, one after the other, and waits for a rotation that one begins. */
    async type(block: string, token: string) {
      const told: string[] = [];
      for (const command of block.trim().split('\n')) {
        const { stdout, stderr } = await shell.run(secretsManager, command, {}, token);
        expect(stderr).toBe('');
        told.push(stdout);
        if (command.includes(' rotate-secret')) {
          expect((await ended())?.kind).toBe('succeeded');
        }
      }
      return told.join('');
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

describe('the first five minutes on AWS', () => {
  it('work in their order, and once more with another token; then the secret can be deleted', async () => {
    const [copy, deployment, put = '', test = '', rotate = '', ...more] = blocks(
      'sh',
      FIVE_MINUTES,
    );
    await using world = await deploy();
    const { gitlab, lambda, secretsManager, sns } = world;
    expect([copy, deployment].join('')).toBe(
      'cp infra/rotation.example.json rotation.json\nnpm run deploy\n',
    );
    expect(FIVE_MINUTES).toContain(`"name": "${SECRET_NAME}"`);
    expect(more).toEqual([]);

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
    // Of the test of the empty secret, as step 2 says.
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

type World = Awaited<ReturnType<typeof deploy>>;
type Token = ReturnType<World['createToken']>;

describe('moving in, and out again', () => {
  const forms: [string, (token: Token, world: World) => Record<string, string>][] = [
    ['plain text', () => ({})],
    [
      "the form of AWS's managed rotation",
      ({ id }, { gitlab, project }) => ({
        tokenId: String(id),
        gitlabUrl: gitlab.url,
        projectId: String(project.id),
      }),
    ],
  ];

  it.each(forms)(
    'leaves consumers an active token, in %s',
    async (_form, fieldsOf) => {
      await using world = await deploy();
      const { gitlab, operator, secretsManager } = world;
      const first = world.createToken('first');
      const fields = fieldsOf(first, world);
      const isText = Object.keys(fields).length === 0;
      const SecretString = isText ? 'first' : JSON.stringify({ token: 'first', ...fields });
      await operator.send(new PutSecretValueCommand({ SecretId: SECRET_NAME, SecretString }));
      const value = () => secretsManager.valueOf(SECRET_NAME, 'AWSCURRENT') ?? '';
      const tokenNow = () => (isText ? value() : JSON.parse(value()).token);
      const end = commandAfter('## Moving in and out');
      const isOn = () => world.type(commandAfter('see whether rotation is still on.'), '');

      await world.type(end, '');
      expect(await isOn()).toBe('false\n');
      expect((await world.schedule())?.kind).toBe('succeeded');
      expect(await isOn()).toBe('true\n');
      expect(value()).toBe(SecretString);
      expect(gitlab.isActive('first')).toBe(true);

      await world.type(commandAfter('## After a leak'), '');
      await world.type(end, '');
      expect(await isOn()).toBe('false\n');
      expect(tokenNow()).not.toBe('first');
      expect(gitlab.isActive(tokenNow())).toBe(true);
      const { tokenId, ...others } = fields;
      expect(isText ? {} : JSON.parse(value())).toMatchObject(others);
    },
    60_000,
  );
});

/** The calls of GitLab in the picture, from top to bottom. */
function drawnCalls(): string[] {
  const picture = readFileSync(join(ROOT, 'infra', 'rotation.svg'), 'utf8');
  const methods = [...picture.matchAll(/>(GET|POST):/g)].map(([, method]) => method);
  return methods.map((method) => (method === 'GET' ? 'probe' : 'rotate'));
}

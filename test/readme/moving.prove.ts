import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startLambda } from '../../infra/local/lambda/lambda.ts';
import { blocks, commandAfter, section } from '../rig/documents/documents.ts';
import { commandsAt } from '../rig/shell/operator.ts';
import { sharedBundles } from '../rig/stage/shared-bundles.ts';
import { openWorld, SECRET_NAME, type World } from './deployed.ts';

const MOVING = section('Moving in and out');
const [END = '', COPY = '', DELETE_STACK = '', IS_ON = '', ...TO_AWS] = blocks('sh', MOVING);
const [AS_JSON = '', GIVE_TYPE = '', ROTATE_BY_AWS = '', ...MORE] = TO_AWS;
const ROTATE = commandAfter('## After a leak');

/** A way in, by its row in the table of the document. */
interface Way {
  readonly from: string;
  /** What is in the secret before. */
  readonly form: 'managed' | 'plain text' | 'plain text, with empty lines' | 'token and project';
  /** What rotates it before. */
  readonly rotator?: 'ours' | 'textbook' | 'AWS';
  /** Whether that is in a stack, and goes with it. */
  readonly isInStack?: boolean;
  /** The new secret, where there is one. */
  readonly copy?: string;
}

const WAYS: readonly Way[] = [
  { from: "AWS's managed rotation", form: 'managed', rotator: 'AWS', copy: 'app/own-token' },
  { from: 'another rotation function', form: 'token and project', rotator: 'textbook' },
  { from: 'a secret in plain text', form: 'plain text' },
  {
    from: 'a stack for each secret, as this project deployed before `rotation.json`',
    form: 'token and project',
    rotator: 'ours',
    isInStack: true,
  },
];

/** Starts the function that rotates the secret before. @returns its ARN */
async function startOther(world: World, bundle: string, servers: AsyncDisposableStack) {
  const { gitlab, secretsManager, sns, topicArn, clock } = world;
  const lambda = await startLambda({
    bundle,
    functionName: 'other',
    clock,
    environment: {
      GITLAB_URL: gitlab.url,
      FAILURE_TOPIC_ARN: topicArn,
      TOKEN_LIFETIME_DAYS: '90',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
      AWS_ENDPOINT_URL_SNS: sns.url,
    },
  });
  servers.use(lambda);
  world.otherFunctions.set(lambda.functionArn, lambda.url);
  return lambda.functionArn;
}

/** CloudFormation with a stack that holds the schedule and the function: both go with it, after a while. */
async function startCloudFormation({ operator, otherFunctions }: World) {
  let questions = 0;
  const server = createServer(async (request, response) => {
    const action = new URLSearchParams(await text(request)).get('Action');
    if (action === 'DeleteStack') {
      response.end();
      return;
    }
    questions += 1;
    if (questions === 3) {
      otherFunctions.clear();
      await operator.send(new CancelRotateSecretCommand({ SecretId: SECRET_NAME }));
    }
    response.writeHead(questions < 3 ? 200 : 400).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function secretStringOf({ gitlab, project, createToken }: World, form: Way['form']): string {
  const { id, token } = createToken('first');
  const projectId = String(project.id);
  return {
    managed: JSON.stringify({ token, tokenId: String(id), gitlabUrl: gitlab.url, projectId }),
    'plain text': token,
    'plain text, with empty lines': `\n${token}\n\n`,
    'token and project': JSON.stringify({ token, projectId: project.path }),
  }[form];
}

/** Somebody who types the commands of the document for a secret, and a consumer who reads it. */
function operate(world: World) {
  const { gitlab, project, secretsManager } = world;
  let name = SECRET_NAME;
  const value = () => secretsManager.valueOf(name, 'AWSCURRENT') ?? '';
  const token = () => (value().startsWith('{') ? JSON.parse(value()).token : value().trim());
  return {
    value,
    token,
    goTo(other: string) {
      name = other;
    },
    name: () => name,
    /** Consumers have an active token after each block, and none was shown. */
    async type(block: string, variables: Readonly<Record<string, string>> = {}) {
      const before = token();
      const own = block
        .replaceAll(SECRET_NAME, name)
        .replaceAll('https://gitlab.example.com', gitlab.url)
        .replaceAll('"1234"', `"${project.id}"`);
      const shown = await world.type(own, '', variables);
      expect(gitlab.isActive(token())).toBe(true);
      expect([before, token()].filter((each) => shown.includes(each))).toEqual([]);
      return shown;
    },
  };
}

describe('moving in, and out again', () => {
  it('is described for these ways, with these commands', () => {
    const rows = [...MOVING.matchAll(/^\| ([^|]+?) \|/gm)].map(([, from]) => from);

    expect(rows.slice(2)).toEqual(WAYS.map(({ from }) => from));
    expect(MORE).toEqual([]);
  });

  it.each(WAYS)(
    'leaves consumers an active token: from $from',
    async ({ form, rotator, isInStack, copy }) => {
      await using servers = new AsyncDisposableStack();
      const world = servers.use(await openWorld());
      const { gitlab, operator } = world;
      const SecretString = secretStringOf(world, form);
      const type = rotator === 'AWS' ? { Type: 'GitLabAccessToken' } : {};
      await operator.send(new CreateSecretCommand({ Name: SECRET_NAME, SecretString, ...type }));
      const { type: run, value, token, goTo, name } = operate(world);
      const variables: Record<string, string> = {};
      const byOther = await otherRotation(world, rotator, servers);
      await byOther?.(SECRET_NAME);
      expect(token() === 'first').toBe(byOther === undefined);

      if (byOther !== undefined) {
        await run(END);
      }
      if (isInStack) {
        const cloudFormation = servers.use(await startCloudFormation(world));
        variables['AWS_ENDPOINT_URL_CLOUDFORMATION'] = cloudFormation.url;
        await run(DELETE_STACK, variables);
      }
      if (copy !== undefined) {
        await run(COPY);
        goTo(copy);
      }
      const moved = value();
      expect((await world.schedule(name()))?.kind).toBe('succeeded');
      expect(await run(IS_ON)).toBe('true\n');
      expect(value()).toBe(moved);

      const old = token();
      await run(ROTATE);
      expect(token()).not.toBe(old);
      if (form === 'managed') {
        const { tokenId, gitlabUrl, projectId } = JSON.parse(value());
        expect([tokenId]).toEqual(activeIds(world));
        expect(JSON.parse(moved)).toMatchObject({ gitlabUrl, projectId });
      }

      await run(END);
      expect(await run(IS_ON)).toBe('false\n');
      if (rotator === 'textbook') {
        await byOther?.(name());
        expect(gitlab.isActive(token())).toBe(true);
      }
      expect(world.sns.messages).toEqual([]);
    },
    60_000,
  );
});

describe("moving out to AWS's managed rotation", () => {
  it.each(['managed', 'plain text', 'plain text, with empty lines', 'token and project'] as const)(
    'leaves consumers an active token: a secret with %s',
    async (form) => {
      await using world = await openWorld();
      const { operator } = world;
      const { type, token, value } = operate(world);
      const SecretString = secretStringOf(world, form);
      await operator.send(new CreateSecretCommand({ Name: SECRET_NAME, SecretString }));
      await world.schedule(SECRET_NAME);

      if (form.startsWith('plain text')) {
        await type(END);
        await type(AS_JSON);
        expect(JSON.parse(value())).toEqual({ token: 'first' });
        // Typed once more, it would put the object into another.
        await expect(type(AS_JSON)).rejects.toMatchObject({
          actual: expect.stringContaining('must have 1 to'),
        });
        expect(JSON.parse(value())).toEqual({ token: 'first' });
      }
      if (form !== 'managed') {
        await expect(type(GIVE_TYPE)).rejects.toThrow('no tokenId');
      }
      await type(ROTATE);
      expect(await type(IS_ON)).toBe('true\n');
      const held = token();
      expect(await type(END)).not.toContain('AWSPENDING');
      await type(GIVE_TYPE);

      // Only the type and the form have changed: consumers have the token that they had.
      expect(token()).toBe(held);
      expect(JSON.parse(value())).toEqual(managedForm(world, held));
      const shown = await type(ROTATE_BY_AWS);

      expect(shown).toMatch(/"\d{4}-.*AWSCURRENT/s);
      expect(token()).not.toBe(held);
      expect(activeIds(world)).toEqual([JSON.parse(value()).tokenId]);
      const described = await operator.send(new DescribeSecretCommand({ SecretId: SECRET_NAME }));
      expect(described).toMatchObject({ Type: 'GitLabAccessToken' });
      expect(described).not.toHaveProperty('RotationLambdaARN');
      expect(await type(IS_ON)).toBe('true\n');
      expect(world.sns.messages).toEqual([]);
    },
    60_000,
  );

  it('is possible after a rotation that was left unfinished, and overlooked', async () => {
    await using world = await openWorld();
    const { operator, createToken } = world;
    const { type, token, value } = operate(world);
    const SecretString = secretStringOf(world, 'managed');
    await operator.send(new CreateSecretCommand({ Name: SECRET_NAME, SecretString }));
    await world.schedule(SECRET_NAME);
    const { id } = createToken('second');
    const pending = await operator.send(
      new PutSecretValueCommand({
        SecretId: SECRET_NAME,
        SecretString: JSON.stringify({ token: 'second', tokenId: String(id) }),
        VersionStages: ['AWSPENDING'],
      }),
    );

    expect(await type(END)).toMatch(/\[\s*"AWSPENDING"\s*\]/);
    await type(GIVE_TYPE);
    await expect(type(ROTATE_BY_AWS)).rejects.toMatchObject({
      actual: expect.stringContaining("A previous rotation isn't complete"),
    });
    await type(commandsAt('make-it-current').replace('\n', ' && '), {
      SECRET_ARN: SECRET_NAME,
      VERSION_ID: pending.VersionId ?? '',
    });
    expect(token()).toBe('second');
    expect(JSON.parse(value())).not.toHaveProperty('gitlabUrl');
    await type(END);
    await type(GIVE_TYPE);
    await type(ROTATE_BY_AWS);

    expect(JSON.parse(value())).toEqual(managedForm(world, token()));
  }, 60_000);
});

/** What AWS's managed rotation needs, of the newest token. */
function managedForm(world: World, token: string): object {
  const tokenId = activeIds(world).at(-1);
  const projectId = String(world.project.id);
  return { token, tokenId, gitlabUrl: world.gitlab.url, projectId };
}

/** Has the secret rotated by what rotated it before. */
async function otherRotation(
  world: World,
  rotator: Way['rotator'],
  servers: AsyncDisposableStack,
): Promise<((name: string) => Promise<void>) | undefined> {
  if (rotator === undefined) {
    return undefined;
  }
  if (rotator === 'AWS') {
    return async () => {
      await world.type(ROTATE_BY_AWS);
    };
  }
  const by = await startOther(world, sharedBundles().of[rotator], servers);
  return async (name) => {
    expect((await world.schedule(name, { by, rotates: true }))?.kind).toBe('succeeded');
  };
}

function activeIds({ gitlab }: World): string[] {
  return gitlab.tokens.filter((each) => each.active).map(({ id }) => String(id));
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CancelRotateSecretCommand, CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startLambda } from '../../infra/local/lambda/lambda.ts';
import { blocks, commandAfter, section } from '../rig/documents/documents.ts';
import { sharedBundles } from '../rig/stage/shared-bundles.ts';
import { openWorld, SECRET_NAME, type World } from './deployed.ts';

const MOVING = section('Moving in and out');
const [END = '', COPY = '', DELETE_STACK = '', IS_ON = '', ...MORE] = blocks('sh', MOVING);
const ROTATE = commandAfter('## After a leak');

/** A way in, by its row in the table of the document. */
interface Way {
  readonly from: string;
  /** What is in the secret before. */
  readonly form: 'managed' | 'plain text' | 'token and project';
  /** What rotates it before. */
  readonly rotator?: 'ours' | 'textbook';
  /** Whether that is in a stack, and goes with it. */
  readonly isInStack?: boolean;
  /** The new secret, where there is one. */
  readonly copy?: string;
}

const WAYS: readonly Way[] = [
  // AWS's own rotation cannot be played here: the textbook's stands for it.
  { from: "AWS's managed rotation", form: 'managed', rotator: 'textbook', copy: 'app/own-token' },
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
    'token and project': JSON.stringify({ token, projectId }),
  }[form];
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
      const { gitlab, operator, secretsManager } = world;
      const SecretString = secretStringOf(world, form);
      await operator.send(new CreateSecretCommand({ Name: SECRET_NAME, SecretString }));
      let name = SECRET_NAME;
      const value = () => secretsManager.valueOf(name, 'AWSCURRENT') ?? '';
      const token = () => (form === 'plain text' ? value() : JSON.parse(value()).token);
      const variables: Record<string, string> = {};
      const type = async (block: string) => {
        const shown = await world.type(block.replaceAll(SECRET_NAME, name), '', variables);
        expect(gitlab.isActive(token())).toBe(true);
        return shown;
      };
      const other = rotator && (await startOther(world, sharedBundles().of[rotator], servers));
      const rotatesWithOther = form !== 'managed';
      if (other !== undefined) {
        const before = await world.schedule(name, { by: other, rotates: rotatesWithOther });
        expect(before?.kind).toBe('succeeded');
      }
      expect(token() === 'first').toBe(other === undefined || !rotatesWithOther);

      if (other !== undefined) {
        await type(END);
      }
      if (isInStack) {
        const cloudFormation = servers.use(await startCloudFormation(world));
        variables['AWS_ENDPOINT_URL_CLOUDFORMATION'] = cloudFormation.url;
        await type(DELETE_STACK);
      }
      if (copy !== undefined) {
        const held = token();
        expect(await type(COPY)).not.toContain(held);
        name = copy;
      }
      const moved = value();
      expect((await world.schedule(name))?.kind).toBe('succeeded');
      expect(await type(IS_ON)).toBe('true\n');
      expect(value()).toBe(moved);

      const old = token();
      await type(ROTATE);
      expect(token()).not.toBe(old);
      if (form === 'managed') {
        const active = gitlab.tokens.filter((each) => each.active).map(({ id }) => String(id));
        const { tokenId, gitlabUrl, projectId } = JSON.parse(value());
        expect([tokenId]).toEqual(active);
        expect(JSON.parse(moved)).toMatchObject({ gitlabUrl, projectId });
      }

      await type(END);
      expect(await type(IS_ON)).toBe('false\n');
      if (other !== undefined && !isInStack) {
        const back = await world.schedule(name, { by: other, rotates: rotatesWithOther });
        expect(back?.kind).toBe('succeeded');
        expect(gitlab.isActive(token())).toBe(true);
      }
      expect(world.sns.messages).toEqual([]);
    },
    60_000,
  );
});

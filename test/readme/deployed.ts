import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { startCloud } from '../../infra/local/cloud/cloud.ts';
import { startGitLab } from '../../infra/local/gitlab/gitlab.ts';
import { SimulatedClock } from '../rig/clock/simulated-clock.ts';
import { openShell } from '../rig/shell/operator-shell.ts';
import { sharedBundle } from '../rig/vitest/shared-bundle.ts';

/** The secret of the documents. */
export const SECRET_NAME = 'app/gitlab-token';

const DAY_MS = 24 * 3_600_000;

export type World = Awaited<ReturnType<typeof openWorld>>;

/** An account of AWS with our function, a GitLab with a project, and somebody at a shell. */
export async function openWorld() {
  await using servers = new AsyncDisposableStack();
  const clock = new SimulatedClock();
  const gitlab = servers.use(await startGitLab({ clock }));
  const otherFunctions = new Map<string, string>();
  const cloud = servers.use(
    await startCloud({
      gitlabUrl: gitlab.url,
      clock,
      bundle: sharedBundle(),
      maxAttempts: 1,
      otherFunctions,
    }),
  );
  const { secretsManager, operator, lambda } = cloud;
  const shell = servers.use(await openShell());
  const project = gitlab.addProject({ path: 'group/app' });
  const ended = (name: string) => clock.during(secretsManager.rotationEnded(name));
  const running = servers.move();
  return {
    ...cloud,
    clock,
    gitlab,
    project,
    otherFunctions,
    /** Has a function rotate the secret from now on, and waits for what AWS does then. */
    async schedule(name: string, { by = lambda.functionArn, rotates = false } = {}) {
      await operator.send(
        new RotateSecretCommand({
          SecretId: name,
          RotationLambdaARN: by,
          RotationRules: { AutomaticallyAfterDays: 30 },
          RotateImmediately: rotates,
        }),
      );
      return await ended(name);
    },
    createToken: (value: string) =>
      gitlab.createAccessToken({
        resource: project,
        scopes: ['self_rotate'],
        expiresAt: new Date(clock.now().getTime() + 60 * DAY_MS).toISOString().slice(0, 10),
        value,
      }),
    /** Types a block of commands, one after the other, and waits for a rotation that one begins. */
    async type(block: string, token = '', variables: Readonly<Record<string, string>> = {}) {
      const told: string[] = [];
      for (const command of block.trim().split('\n')) {
        const { stdout, stderr } = await shell.run(secretsManager, command, variables, token);
        expect(stderr).toBe('');
        told.push(stdout);
        const [, rotated] = / rotate-secret .*--secret-id (\S+)/.exec(command) ?? [];
        if (rotated !== undefined) {
          expect((await ended(rotated))?.kind).toBe('succeeded');
        }
      }
      return told.join('');
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What the deployment makes of one secret that it creates, as far as it can be made on this machine. */
export async function deploy(): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await openWorld());
  await world.operator.send(new CreateSecretCommand({ Name: SECRET_NAME }));
  await world.schedule(SECRET_NAME);
  opened.move();
  return world;
}

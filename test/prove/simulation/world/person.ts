import {
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { DAY_MS } from '../timeline/timeline.ts';
import { callGitLab } from './calls.ts';
import { createToken, type Held, heldUnder, idOf, versionUnder, type World } from './world.ts';

const LIFETIME_DAYS = 90;

/**
 * A person has read an alert, looks which tokens of the secret are dead and whether it rotates, and
 * does what the runbook says: finish by hand; or get an active token, put it by hand, unblock, and
 * rotate to see that all is well; or rotate, which switches the schedule on.
 *
 * @returns what was done; undefined where Secrets Manager's next attempt is all that is needed
 */
export async function repair(world: World): Promise<string | undefined> {
  const { cloud, secretId } = world;
  const current = heldUnder(world, 'AWSCURRENT');
  if (current === undefined) {
    throw new Error('no version is AWSCURRENT');
  }
  const pending = heldUnder(world, 'AWSPENDING');
  if (!lives(world, current) && pending && lives(world, pending)) {
    await finishByHand(world);
    return 'pending version made current';
  }
  if (!lives(world, current)) {
    const { tokenId: _, ...kept } = current;
    await putByHand(world, { ...kept, token: await activeToken(world, current) });
    return 'token replaced';
  }
  if (current.standby && !lives(world, current.standby)) {
    const token = await activeToken(world, current.standby);
    await putByHand(world, { ...current, standby: { token } });
    return 'standby replaced';
  }
  if (!cloud.secretsManager.snapshot(secretId).rotationEnabled) {
    await cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
    return 'schedule on again';
  }
  return undefined;
}

function lives({ gitlab }: World, { token }: { readonly token: string }): boolean {
  return gitlab.isActive(token);
}

async function finishByHand(world: World): Promise<void> {
  await world.cloud.operator.send(
    new UpdateSecretVersionStageCommand({
      SecretId: world.secretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: versionUnder(world, 'AWSPENDING'),
      RemoveFromVersionId: versionUnder(world, 'AWSCURRENT'),
    }),
  );
}

async function putByHand(world: World, value: Held): Promise<void> {
  const { cloud, secretId } = world;
  const pending = versionUnder(world, 'AWSPENDING');
  await cloud.operator.send(
    new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify(value) }),
  );
  if (pending !== undefined) {
    await cloud.operator.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: pending,
      }),
    );
  }
  await cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
}

/** Rotates, by its id, the token of the same bot that GitLab shows as active; else makes another. */
async function activeToken(world: World, dead: Held): Promise<string> {
  const { gitlab, clock, project, putByHand: known } = world;
  const bot = gitlab.tokens.find(({ id }) => id === idOf(world, dead))?.userId;
  if (bot === undefined) {
    throw new Error('GitLab knows no bot of the dead token');
  }
  const lost = gitlab.tokens.find(({ userId, active }) => active && userId === bot);
  if (lost === undefined) {
    return createInstead(world, bot);
  }
  const expiresAt = new Date(clock.now().getTime() + LIFETIME_DAYS * DAY_MS);
  const reply = await callGitLab({
    gitlabUrl: gitlab.url,
    path: `/projects/${project.id}/access_tokens/${lost.id}/rotate`,
    token: world.maintainerToken,
    body: { expires_at: expiresAt.toISOString().slice(0, 10) },
  });
  if (reply?.status !== 200) {
    throw new Error(`GitLab answered the maintainer with ${reply?.status}`);
  }
  const { id, token } = JSON.parse(reply.body);
  known.set(token, id);
  return token;
}

function createInstead(world: World, bot: number): string {
  const { id, token, userId } = createToken(world, world.project);
  world.putByHand.set(token, id);
  world.replacedBots.set(userId, bot);
  return token;
}

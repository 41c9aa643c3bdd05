import { PutSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { LogLine } from '../../../infra/local/lambda/log.ts';
import {
  DAY_MS,
  type Given,
  givenSecret,
  startWatchRig,
  type WatchRig,
} from '../watch/watch-rig.ts';

/** How many mornings the watch sees. */
const DAYS = 14;

/** What the functions have left behind, after two weeks in which some things went wrong. */
export interface Course {
  readonly end: Date;
  /** By the names that the functions have on the local servers. */
  readonly functions: Readonly<Record<'rotation' | 'watch', FunctionCourse>>;
}

export interface FunctionCourse {
  readonly name: string;
  readonly logs: readonly LogLine[];
  readonly invocations: readonly { readonly startedAt: Date; readonly outcome: string }[];
}

/** Plays two weeks with the deployed bundle: the watch at six each morning, and what happens at nine. */
export async function playCourse(): Promise<Course> {
  await using rig = await startWatchRig();
  const { gitlab, cloud, clock } = rig.stage;
  const slow = { kind: 'delay', ms: 150 } as const;
  gitlab.faults.add({ operation: '*', at: 'after', times: Number.POSITIVE_INFINITY, effect: slow });
  const secrets = await createSecrets(rig);
  const events = eventsOf(rig, secrets);
  const start = clock.now().getTime();
  const waitUntil = (moment: number) => clock.during(clock.sleep(moment - clock.now().getTime()));
  const event = { secrets: Object.values(secrets).map(({ secretId }) => secretId), daily: true };
  for (let day = 0; day < DAYS; day += 1) {
    await waitUntil(start + (day + 1) * DAY_MS);
    await rig.watch(event);
    await waitUntil(start + (day + 1) * DAY_MS + DAY_MS / 8);
    await events[day]?.();
  }
  const { logs, invocations } = cloud.lambda;
  return {
    end: clock.now(),
    functions: {
      rotation: { name: 'gitlab-token-rotation', logs: [...logs], invocations: [...invocations] },
      watch: {
        name: 'gitlab-token-watch',
        logs: [...rig.lambda.logs],
        invocations: [...rig.lambda.invocations],
      },
    },
  };
}

async function createSecrets(rig: WatchRig) {
  return {
    app: await givenSecret(rig, 'app/gitlab-token', { days: 62 }),
    web: await givenSecret(rig, 'web/gitlab-token', { days: 75, standby: { days: 45 } }),
    ci: await givenSecret(rig, 'ci/gitlab-token', { days: 40 }),
    docs: await givenSecret(rig, 'docs/gitlab-token', { days: 80 }),
    mail: await givenSecret(rig, 'mail/gitlab-token', { days: 66, standby: { days: 52 } }),
    // Nobody listens to the watch: it expires before its next rotation.
    mobile: await givenSecret(rig, 'mobile/gitlab-token', { days: 19 }),
  };
}

/** By the day, counted from the first run of the watch. */
function eventsOf(
  rig: WatchRig,
  { app, web, ci, docs, mail }: Awaited<ReturnType<typeof createSecrets>>,
): Readonly<Record<number, () => unknown>> {
  const { gitlab } = rig.stage;
  return {
    1: () => rotate(rig, app),
    // Somebody revokes a token; three days later somebody else puts a new one.
    2: () => gitlab.revoke(docs.tokenId),
    3: () => rotate(rig, docs),
    5: () => putNewToken(rig, docs),
    6: () => rotate(rig, web),
    // The standby takes the place of the token that is revoked.
    7: () => gitlab.revoke(mail.tokenId),
    8: () => rotate(rig, mail),
    // GitLab is down at the first attempt.
    10: () => rotateWhileDown(rig, ci),
  };
}

async function rotate({ stage }: WatchRig, { secretId }: Given): Promise<void> {
  const { cloud, clock } = stage;
  await cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
  await clock.during(cloud.secretsManager.rotationEnded(secretId));
}

async function rotateWhileDown(rig: WatchRig, secret: Given): Promise<void> {
  const { gitlab, clock } = rig.stage;
  gitlab.pause();
  const rotation = rotate(rig, secret);
  await clock.during(clock.sleep(45_000));
  await gitlab.resume();
  await rotation;
}

async function putNewToken({ stage }: WatchRig, { name, secretId }: Given): Promise<void> {
  const { gitlab, cloud, clock } = stage;
  const { token, id } = gitlab.createAccessToken({
    resource: gitlab.addProject({ path: `group/new/${name}` }),
    scopes: ['self_rotate'],
    expiresAt: new Date(clock.now().getTime() + 90 * DAY_MS).toISOString().slice(0, 10),
  });
  const SecretString = JSON.stringify({ token, tokenId: String(id) });
  await cloud.operator.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
}

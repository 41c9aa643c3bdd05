import {
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { FaultEffect } from '../../../infra/local/faults.ts';
import {
  badGateway,
  crash,
  rateLimited,
  serviceUnavailable,
} from '../../../infra/local/gitlab/fault-answers.ts';
import { json } from '../../../infra/local/gitlab/refusals.ts';
import {
  accessDenied,
  internalError,
  throttled,
} from '../../../infra/local/secrets-manager/errors.ts';
import { STEPS } from '../../../infra/local/secrets-manager/rotation-run.ts';
import type { Answer, StandIn } from '../../../infra/local/stand-in.ts';
import type { Point } from './points.ts';
import { bringUp, type Scene, takeDown } from './stage.ts';

/** One way in which a call of a rotation can go wrong. */
export interface Way {
  /** What happens, for people. */
  readonly summary: string;
  /** Only for calls of this service. @default - for both */
  readonly service?: Point['service'];
  /** Sees to it that it will happen at this call. */
  readonly arrange: (scene: Scene, point: Point) => unknown;
}

const ALWAYS = Number.POSITIVE_INFINITY;
/** Longer than most clients wait for an answer, and shorter than the function's time-out. */
const LATE_MS = 40_000;
const OUTAGE_MS = 2_000;
const TIMEOUT_MS = 61_000;

/** Every way to fail that a call is crossed with. Where it says nothing else, it happens once. */
export const WAYS = {
  refused: {
    summary: 'not sent: the server refuses connections for two seconds',
    arrange: (scene, point) =>
      beforeCall(scene, point, () => {
        const server = serverOf(scene, point);
        takeDown(scene, server);
        sleepThen(scene, OUTAGE_MS, () => bringUp(scene, server));
      }),
  },
  down: {
    summary: 'not sent: the server refuses connections until the next attempt',
    arrange: (scene, point) => {
      const server = serverOf(scene, point);
      beforeCall(scene, point, () => takeDown(scene, server));
      onRetry(scene, () => bringUp(scene, server));
    },
  },
  'reset before': {
    summary: 'sent, and the connection is reset before anything happens',
    arrange: strike('before', { kind: 'reset' }),
  },
  'answer lost': {
    summary: 'done, and the connection is reset before the answer',
    arrange: strike('after', { kind: 'reset' }),
  },
  'answer cut': {
    summary: 'done, and the connection is reset in the middle of the answer',
    arrange: strike('after', { kind: 'cut' }),
  },
  'silent before': {
    summary: 'sent, nothing happens, and no answer ever comes',
    arrange: strike('before', { kind: 'hang' }),
  },
  'silent after': {
    summary: 'done, and no answer ever comes',
    arrange: strike('after', { kind: 'hang' }),
  },
  late: {
    summary: `done, and the answer comes ${LATE_MS / 1000} seconds later`,
    arrange: strike('after', { kind: 'delay', ms: LATE_MS }),
  },
  'gateway before': {
    summary: 'a gateway answers 502, and nothing happens',
    arrange: (scene, point) => strikeWith(scene, point, 'before', { gateway: true }),
  },
  'gateway after': {
    summary: 'done, and a gateway answers 502',
    arrange: (scene, point) => strikeWith(scene, point, 'after', { gateway: true }),
  },
  'failing after': {
    summary: 'done, and the service answers 500',
    arrange: (scene, point) => strikeWith(scene, point, 'after', {}),
  },
  failing: {
    summary: 'the service answers 500 until the next attempt, and nothing happens',
    arrange: (scene, point) => {
      const mend = strikeWith(scene, point, 'before', { times: ALWAYS });
      onRetry(scene, mend);
    },
  },
  throttled: {
    summary: 'refused as one request too many, for two seconds',
    arrange: (scene, point) => strikeWith(scene, point, 'before', { throttled: true }),
  },
  'throttled long': {
    summary: 'refused as one request too many, until the next attempt',
    arrange: (scene, point) => {
      const mend = strikeWith(scene, point, 'before', { throttled: true, times: ALWAYS });
      onRetry(scene, mend);
    },
  },
  denied: {
    summary: 'refused for good: a permission is missing, the user is blocked',
    arrange: (scene, point) => strikeWith(scene, point, 'before', { denied: true, times: ALWAYS }),
  },
  'killed before': {
    summary: 'the function is killed, and nothing happens',
    arrange: (scene, point) =>
      strike(
        'before',
        run(() => scene.stage.cloud.lambda.kill()),
      )(scene, point, [{ kind: 'reset' }]),
  },
  'killed after': {
    summary: 'done, and the function is killed before it reads the answer',
    arrange: (scene, point) =>
      strike(
        'after',
        run(() => scene.stage.cloud.lambda.kill()),
      )(scene, point),
  },
  'timed out before': {
    summary: "the function's time is up, and nothing happens",
    arrange: (scene, point) =>
      strike(
        'before',
        run(() => scene.stage.clock.jump(TIMEOUT_MS)),
      )(scene, point, [{ kind: 'hang' }]),
  },
  'timed out after': {
    summary: "done, and the function's time is up before it reads the answer",
    arrange: (scene, point) =>
      strike(
        'after',
        run(() => scene.stage.clock.jump(TIMEOUT_MS)),
      )(scene, point, [{ kind: 'hang' }]),
  },
  'sent twice': {
    summary: 'something between sends the request a second time before it passes on an answer',
    service: 'GitLab',
    arrange: strike('after', { kind: 'twice' }),
  },
  'second rotation': {
    summary: 'done, and somebody starts another rotation meanwhile',
    arrange: (scene, point) =>
      strike(
        'after',
        run(() => byHand(() => startRotation(scene))),
      )(scene, point),
  },
  'edited by hand': {
    summary: 'done, and somebody changes another field of the secret meanwhile',
    arrange: (scene, point) =>
      strike(
        'after',
        run(() => byHand(() => editSecret(scene))),
      )(scene, point),
  },
  'replaced by hand': {
    summary: 'done, and somebody puts another living token meanwhile',
    arrange: (scene, point) =>
      strike(
        'after',
        run(() => byHand(() => replaceToken(scene))),
      )(scene, point),
  },
  'label taken off': {
    summary:
      'done, and somebody takes AWSPENDING off meanwhile, as AWS advises for a stuck rotation',
    arrange: (scene, point) =>
      strike(
        'after',
        run(() => byHand(() => dropPending(scene))),
      )(scene, point),
  },
} as const satisfies Readonly<Record<string, Way>>;

export type WayName = keyof typeof WAYS;

function run(what: () => unknown): FaultEffect {
  return { kind: 'run', run: what };
}

function serverOf({ stage }: Scene, { service }: Point): StandIn {
  return service === 'GitLab' ? stage.gitlab : stage.cloud.secretsManager;
}

/** @returns arranges effects for one call, one after the other */
function strike(at: 'before' | 'after', first: FaultEffect) {
  return (scene: Scene, point: Point, more: readonly FaultEffect[] = []) => {
    const { operation, nth } = point;
    for (const effect of [first, ...more]) {
      serverOf(scene, point).faults.add({ operation, at, nth, effect });
    }
  };
}

interface Trouble {
  readonly gateway?: boolean;
  readonly throttled?: boolean;
  readonly denied?: boolean;
  readonly times?: number;
}

/** What the service, or a gateway before it, answers from this call on. @returns takes it back */
function strikeWith(
  scene: Scene,
  point: Point,
  at: 'before' | 'after',
  { times = 1, ...trouble }: Trouble,
): () => void {
  const { operation, nth } = point;
  const answer =
    point.service === 'GitLab' ? gitlabAnswer(trouble, scene) : awsAnswer(trouble, point);
  return serverOf(scene, point).faults.add({
    operation,
    at,
    nth,
    times,
    effect: { kind: 'answer', answer },
  });
}

function gitlabAnswer({ gateway, throttled: isThrottled, denied }: Trouble, scene: Scene): Answer {
  if (isThrottled) {
    return rateLimited(2, scene.stage.clock.now());
  }
  if (denied) {
    return json(403, { message: '403 Forbidden - Your account has been blocked.' });
  }
  return gateway ? badGateway() : crash();
}

function awsAnswer({ gateway, throttled: isThrottled, denied }: Trouble, point: Point): Answer {
  if (isThrottled) {
    return throttled();
  }
  if (denied) {
    return accessDenied(`secretsmanager:${point.operation}`);
  }
  return gateway ? serviceUnavailable() : internalError();
}

/** Does something when the call before this one is through, so that this one finds it done. */
function beforeCall({ stage }: Scene, { step, previous }: Point, what: () => unknown): void {
  const { gitlab, cloud } = stage;
  if (previous === undefined) {
    const nth = STEPS.indexOf(step) + 1;
    cloud.lambda.faults.add({ operation: 'Invoke', at: 'before', nth, effect: run(what) });
    return;
  }
  const { operation, nth, service } = previous;
  const { faults } = service === 'GitLab' ? gitlab : cloud.secretsManager;
  // Once the answer is written, and before the next request can be read.
  const effect = run(() => void setImmediate(what));
  faults.add({ operation, at: 'after', nth, effect });
}

function sleepThen({ stage }: Scene, ms: number, what: () => unknown): void {
  void stage.clock.sleep(ms).then(what);
}

/** What is mended while Secrets Manager waits with its next attempt. */
function onRetry({ stage, cleanUps }: Scene, mend: () => unknown): void {
  const stop = stage.cloud.secretsManager.onRotation(({ what }) => {
    if (what === 'retry-planned') {
      stop();
      mend();
    }
  });
  cleanUps.push(stop);
}

/** What somebody at a console tries; that AWS refuses is an answer too. */
async function byHand(what: () => Promise<unknown>): Promise<void> {
  await what().catch(() => undefined);
}

function startRotation({ stage, secretId }: Scene): Promise<unknown> {
  return stage.cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
}

function editSecret({ stage, secretId }: Scene): Promise<unknown> {
  const { operator, secretsManager } = stage.cloud;
  const current = JSON.parse(secretsManager.valueOf(secretId, 'AWSCURRENT') ?? '{}');
  const SecretString = JSON.stringify({ ...current, note: 'edited by hand' });
  return operator.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
}

function replaceToken({ stage, secretId, project }: Scene): Promise<unknown> {
  const { gitlab, cloud } = stage;
  const scopes = ['self_rotate'];
  const { id, token } = gitlab.createAccessToken({ resource: project, scopes });
  const SecretString = JSON.stringify({ token, tokenId: String(id), projectId: project.path });
  return cloud.operator.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
}

function dropPending({ stage, secretId }: Scene): Promise<unknown> {
  const { operator, secretsManager } = stage.cloud;
  const pending = secretsManager
    .snapshot(secretId)
    .versions.find(({ labels }) => labels.includes('AWSPENDING'));
  return operator.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: pending?.versionId,
    }),
  );
}

import {
  deliverAgain,
  dropPending,
  editSecret,
  noteRepeat,
  replaceToken,
  startRotation,
} from '../../../rig/stage/meanwhile.ts';
import type { Point } from '../../../rig/stage/points.ts';
import { bringUp, type Scene, takeDown } from '../../../rig/stage/stage.ts';
import {
  beforeCall,
  onRetry,
  run,
  runLater,
  serverOf,
  sleepThen,
  strike,
  strikeWith,
} from '../../../rig/stage/strike.ts';

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
/** Longer than we wait for GitLab, and less than the 60 seconds for which it works on a request. */
const DONE_LATE_MS = 54_000;
const OUTAGE_MS = 2_000;
/** A little longer than the function may run. */
export const TIMEOUT_MS = 61_000;

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
  'done late': {
    summary: `sent, carried out ${DONE_LATE_MS / 1000} seconds later, when nobody waits any more`,
    arrange: strike('before', { kind: 'delay', ms: DONE_LATE_MS }),
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
  // Before anything happens it is as if killed.
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
    arrange: (scene, point) =>
      strike(
        'after',
        run(() => noteRepeat(scene, point)),
      )(scene, point, [{ kind: 'twice' }]),
  },
  overlapped: {
    summary: 'done, and the step is delivered once more, which ends before this one goes on',
    arrange: (scene, point) =>
      strike(
        'after',
        runLater(scene.stage, () => deliverAgain(scene, point)),
      )(scene, point),
  },
  'second rotation': {
    summary: 'done, and somebody starts another rotation meanwhile',
    arrange: (scene, point) => meanwhile(scene, point, startRotation),
  },
  'edited by hand': {
    summary: 'done, and somebody changes another field of the secret meanwhile',
    arrange: (scene, point) => meanwhile(scene, point, editSecret),
  },
  'replaced by hand': {
    summary: 'done, and somebody puts another active token meanwhile',
    arrange: (scene, point) => meanwhile(scene, point, replaceToken),
  },
  'label taken off': {
    summary:
      'done, and somebody takes AWSPENDING off meanwhile, as AWS advises for a stuck rotation',
    arrange: (scene, point) => meanwhile(scene, point, dropPending),
  },
} as const satisfies Readonly<Record<string, Way>>;

export type WayName = keyof typeof WAYS;

/** What somebody at a console tries; that AWS refuses is an answer too. */
function meanwhile(scene: Scene, point: Point, what: (scene: Scene) => Promise<unknown>): void {
  strike(
    'after',
    runLater(scene.stage, () => what(scene).catch(() => undefined)),
  )(scene, point);
}

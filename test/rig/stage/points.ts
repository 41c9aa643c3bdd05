import type { Step } from '../../../infra/local/secrets-manager/rotation/run.ts';
import type { Faults } from '../../../infra/local/server/faults.ts';
import { clearStage, type Scene, type Stage, setScene } from './stage.ts';

/** One call of a rotation that nothing disturbs. */
export interface Point {
  readonly step: Step;
  readonly service: 'GitLab' | 'Secrets Manager';
  readonly operation: string;
  /** Among the calls of this operation in the whole rotation, from 1. */
  readonly nth: number;
  /** The call of the same service before it in the same step; absent for the first, and for those made beside it. */
  readonly previous?: Point;
}

/** finishSecret reads the value beside its first look at the labels: which comes first is chance. */
export function isBeside({ step, operation }: Pick<Point, 'step' | 'operation'>): boolean {
  return step === 'finishSecret' && operation === 'GetSecretValue';
}

/** Until it has proved the secret writable, createSecret asks side by side all that does not need another answer. */
function isBesideOthers(before: readonly Point[], operation: string): boolean {
  const isWritable = before.some((each) => each.operation === 'PutSecretValue');
  return !isWritable && ['GetSecretValue', 'probe', 'reach'].includes(operation);
}

/** The name of a call, unique in a rotation. */
export function nameOf({ step, operation, nth }: Point): string {
  return `${step} ${operation}${nth > 1 ? ` ${nth}` : ''}`;
}

/** What there is to a rotation whose calls are looked for. */
export interface Course {
  /** What happened before it. */
  readonly prepare?: (scene: Scene) => Promise<void>;
  /** What goes wrong in it. */
  readonly arrange?: (scene: Scene) => unknown;
}

/** Finds out which calls a rotation makes, by making one. */
export async function findPoints(
  stage: Stage,
  name: string,
  { prepare, arrange }: Course = {},
): Promise<readonly Point[]> {
  const { gitlab, cloud } = stage;
  const scene = await setScene(stage, name);
  await prepare?.(scene);
  const points: Point[] = [];
  let step: Step = 'createSecret';
  const note = (service: Point['service'], operation: string) => {
    const nth = points.filter((each) => each.operation === operation).length + 1;
    const last = points.findLast((each) => each.service === service && !isBeside(each));
    const isFirst =
      last?.step !== step || isBeside({ step, operation }) || isBesideOthers(points, operation);
    points.push({ step, service, operation, nth, ...(last && !isFirst && { previous: last }) });
  };
  const stops = [
    cloud.secretsManager.onRotation((progress) => {
      step = progress.what === 'step-started' ? progress.step : step;
    }),
    ...noteCalls(gitlab.faults, GITLAB_OPERATIONS, (operation) => note('GitLab', operation)),
    ...noteCalls(cloud.secretsManager.faults, STORE_OPERATIONS, (operation) =>
      note('Secrets Manager', operation),
    ),
  ];
  arrange?.(scene);
  const { kind } = await scene.rotate();
  for (const stop of stops) {
    stop();
  }
  await clearStage(scene);
  if (kind !== 'succeeded') {
    throw new Error(`${stage.setup.title}: the rotation that shows the calls failed`);
  }
  return points;
}

const GITLAB_OPERATIONS = [
  'probe',
  'reach',
  'rotate',
  'revoke',
  'version',
  'getToken',
  'listTokens',
  'rotateById',
];
const STORE_OPERATIONS = [
  'DescribeSecret',
  'GetSecretValue',
  'ListSecretVersionIds',
  'PutSecretValue',
  'UpdateSecretVersionStage',
];

/**
 * The calls by which a lost successor is found and stored: those of createSecret
 * after the rotate request. Of a read that is repeated only the last.
 */
export function healingPoints(points: readonly Point[]): readonly Point[] {
  const rotate = points.findIndex(({ operation }) => operation === 'rotate');
  return points.filter(({ step, operation }, index) => {
    const next = points[index + 1];
    const isRepeated = operation === 'GetSecretValue' && next?.operation === operation;
    return index > rotate && step === 'createSecret' && !isRepeated;
  });
}

/**
 * The calls by which a successor is found in the secret itself: the list, the read of the version
 * that has it, the probe of its token, and the put by which it is stored anew. All versions are read, and then the newest are probed;
 * the last that is read is that of the dead token.
 */
export function salvagePoints(points: readonly Point[]): readonly Point[] {
  const list = points.findIndex(({ operation }) => operation === 'ListSecretVersionIds');
  const search = list < 0 ? [] : points.slice(list);
  const probe = search.findIndex(({ operation }) => operation === 'probe');
  const put = search.findIndex(({ operation }) => operation === 'PutSecretValue');
  return [0, probe - 2, probe, put].flatMap((index) => search[index] ?? []);
}

/** The call of this operation, where there is one. */
export function pointOf(points: readonly Point[], operation: string): readonly Point[] {
  return points.filter((each) => each.operation === operation).slice(0, 1);
}

/** The order of calls over several servers is seen only where they arrive. */
function noteCalls(faults: Faults, operations: readonly string[], note: (name: string) => void) {
  return operations.map((operation) =>
    faults.add({
      operation,
      at: 'before',
      times: Number.POSITIVE_INFINITY,
      effect: { kind: 'run', run: () => note(operation) },
    }),
  );
}

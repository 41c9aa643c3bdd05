import type { RotationOutcome } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import { type ChangeMark, DAY_MS, type Repair, type RotationMark } from '../timeline/timeline.ts';
import { repair } from '../world/person.ts';
import type { Recorder } from '../world/recorder.ts';
import type { World } from '../world/world.ts';
import { changesOf, momentOf, type PlannedChange } from './changes.ts';
import { type Disturbance, type Plan, planOf } from './disturbances.ts';
import { nextMorning } from './mornings.ts';

/** As on AWS, where nothing is as near as on this machine. */
const STEP_STARTS_MS = 1_000;
const GITLAB_ANSWERS_MS = 500;
const ALWAYS = Number.POSITIVE_INFINITY;

/** What the schedule brought, and people between its rotations. */
export interface Course {
  readonly rotations: readonly RotationMark[];
  readonly changes: readonly ChangeMark[];
  readonly repairs: readonly Repair[];
}

/** The same, while it grows. */
interface Growing {
  readonly rotations: RotationMark[];
  readonly changes: ChangeMark[];
  readonly repairs: Repair[];
}

/**
 * Lets Secrets Manager rotate by the schedule of the secret, with what the seed lets go wrong, and
 * a person come when alerts ask for one. What needs nobody is tried again in the next window, a day
 * later.
 *
 * @param end no rotation begins then or later; milliseconds since the beginning
 */
export async function followSchedule(
  world: World,
  recorder: Recorder,
  { seed, end }: { readonly seed: number; readonly end: number },
): Promise<Course> {
  const course: Growing = { rotations: [], changes: [], repairs: [] };
  const changes = changesOf(seed);
  settle(world, recorder);
  for (const plan of planOf(seed)) {
    const change = changes.next().value;
    if (change && momentOf(change, world) < end) {
      await changeAndRepair(world, recorder, { course, change });
    }
    const dueAt = nextWindow(world) + plan.delayMs;
    if (dueAt >= end) {
      return course;
    }
    await sleep(world, dueAt - world.elapsed());
    await rotateAndRepair(world, recorder, { course, plan });
  }
  throw new Error('the plan has no end');
}

/** Somebody changes something. A person reads the messages of the next morning. */
async function changeAndRepair(
  world: World,
  recorder: Recorder,
  { course, change }: { readonly course: Growing; readonly change: PlannedChange },
): Promise<void> {
  const { unrest, clock, cloud } = world;
  await sleep(world, momentOf(change, world) - world.elapsed());
  const known = cloud.sns.messages.length;
  course.changes.push({ at: world.elapsed(), what: change.change.name });
  await unrest.during(() => clock.still(Promise.resolve(change.change.make(world))));
  recorder.look();
  await sleep(world, nextMorning(world) - world.elapsed() + change.repairAfterMs);
  if (cloud.sns.messages.length > known) {
    await repairNow(world, course);
  }
}

async function rotateAndRepair(
  world: World,
  recorder: Recorder,
  { course, plan }: { readonly course: Growing; readonly plan: Plan },
): Promise<void> {
  const { disturbance, repairAfterMs } = plan;
  let last = await rotate(world, recorder, disturbance);
  course.rotations.push(last);
  while (!last.succeeded) {
    await sleep(world, repairAfterMs);
    const repaired = await repairNow(world, course);
    if (repaired) {
      last = repaired;
    } else {
      await sleep(world, DAY_MS - repairAfterMs);
      last = await rotate(world, recorder, undefined);
      course.rotations.push(last);
    }
  }
}

/** @returns the rotation that the repair began; undefined where there was nothing to repair */
async function repairNow(world: World, course: Growing): Promise<RotationMark | undefined> {
  const at = world.elapsed();
  const repaired = await world.unrest.during(() => repairAndRotate(world));
  if (repaired === undefined) {
    return undefined;
  }
  course.repairs.push({ at, what: repaired.what });
  const rotation = markOf(at, 'person', repaired.outcome);
  course.rotations.push(rotation);
  return rotation;
}

/** When the next window begins in which the schedule rotates. */
function nextWindow({ cloud, secretId, clock, elapsed }: World): number {
  const { nextRotationDate } = cloud.secretsManager.snapshot(secretId);
  if (nextRotationDate === undefined) {
    throw new Error('the secret has no schedule');
  }
  return nextRotationDate.getTime() - clock.now().getTime() + elapsed();
}

async function rotate(
  world: World,
  recorder: Recorder,
  disturbance: Disturbance | undefined,
): Promise<RotationMark> {
  const { cloud, secretId } = world;
  const at = world.elapsed();
  const outcome = await world.unrest.during(async () => {
    const mended = disturbance?.arrange(world);
    cloud.secretsManager.runDueRotations();
    const ended = await cloud.secretsManager.rotationEnded(secretId);
    await mended;
    settle(world, recorder);
    return ended;
  });
  return markOf(at, 'schedule', outcome, disturbance?.name);
}

async function repairAndRotate(world: World) {
  const what = await world.clock.still(repair(world));
  const outcome = await world.cloud.secretsManager.rotationEnded(world.secretId);
  return what === undefined ? undefined : { what, outcome };
}

function markOf(
  at: number,
  by: RotationMark['by'],
  outcome: RotationOutcome | undefined,
  fault?: string,
): RotationMark {
  if (outcome === undefined) {
    throw new Error('Secrets Manager began no rotation');
  }
  const { kind, attempts } = outcome;
  const succeeded = kind === 'succeeded';
  return { at, by, succeeded, attempts, ...(fault !== undefined && { fault }) };
}

/** Mends what was arranged, and lets calls take their time again. */
function settle({ gitlab, cloud }: World, recorder: Recorder): void {
  for (const { faults } of [gitlab, cloud.secretsManager, cloud.lambda, cloud.sns]) {
    faults.clear();
  }
  recorder.attach();
  recorder.look();
  const slow = (ms: number) => ({ kind: 'delay', ms }) as const;
  const always = { times: ALWAYS };
  cloud.lambda.faults.add({
    operation: 'Invoke',
    at: 'before',
    effect: slow(STEP_STARTS_MS),
    ...always,
  });
  gitlab.faults.add({
    operation: 'rotate',
    at: 'after',
    effect: slow(GITLAB_ANSWERS_MS),
    ...always,
  });
}

function sleep({ clock }: World, ms: number): Promise<void> {
  return clock.sleep(ms);
}

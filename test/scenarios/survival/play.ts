import type { RotationOutcome } from '../../../infra/local/secrets-manager/rotation-run.ts';
import { abandon } from './abandon.ts';
import { type Calls, type Cell, cellsOf, loseAnswer } from './matrix.ts';
import { dropPending } from './meanwhile.ts';
import { isWell, type Mending, type Outcome, observe } from './outcome.ts';
import { findPoints, healingPoints, salvagePoints } from './points.ts';
import { SETUPS, type SetupName } from './setups.ts';
import { type Bundles, clearStage, type Scene, type Stage, setScene, startStage } from './stage.ts';

/** One cell and what came of it. */
export interface Played {
  readonly setup: SetupName;
  readonly cell: Cell;
  readonly outcome: Outcome;
}

export interface PlayProps {
  readonly setup: SetupName;
  readonly bundles: Bundles;
  /** Which cells. @default - all */
  readonly only?: (cell: Cell) => boolean;
  readonly onPlayed?: (played: Played, count: number, total: number) => void;
}

/** How many play at the same time: while a function starts, another stage has the processor. */
const STAGES = 4;
/** Longer than any request takes that is carried out late. */
const AFTERMATH_MS = 120_000;

/** Plays the matrix of one setup, in the order of its cells. */
export async function playMatrix(props: PlayProps): Promise<readonly Played[]> {
  const { setup, bundles, only = () => true } = props;
  await using first = await startStage(setup, bundles);
  const cells = cellsOf(SETUPS[setup], await findCalls(first)).filter(only);
  const queue = [...cells.entries()];
  const results: Played[] = [];
  let count = 0;
  const work = async (stage: Stage) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, cell] = next;
      const played = { setup, cell, outcome: await playCell(stage, cell, index) };
      results[index] = played;
      count += 1;
      props.onPlayed?.(played, count, cells.length);
    }
  };
  const others = Array.from({ length: STAGES - 1 }, async () => {
    await using stage = await startStage(setup, bundles);
    await work(stage);
  });
  await Promise.all([work(first), ...others]);
  return results;
}

async function findCalls(stage: Stage): Promise<Calls> {
  const rotation = await findPoints(stage, 'clean');
  const { recovery, alternating, rotator } = stage.setup;
  // Both searches are the same with two tokens.
  const searches = rotator === 'ours' && !alternating;
  const healing =
    searches && recovery ? await findPoints(stage, 'healed', { arrange: loseAnswer }) : [];
  stage.gitlab.faults.clear();
  const salvage =
    searches && !recovery ? await findPoints(stage, 'salvaged', { prepare: abandon }) : [];
  return { rotation, healing: healingPoints(healing), salvage: salvagePoints(salvage) };
}

async function playCell(stage: Stage, cell: Cell, index: number): Promise<Outcome> {
  const scene = await setScene(stage, `cell-${index}`, { scopes: cell.scopes });
  await cell.prepare?.(scene);
  const outcome = observe(scene);
  cell.arrange(scene);
  const ended = await scene.rotate();
  // What is still under way somewhere may yet do harm.
  await stage.clock.during(stage.clock.sleep(AFTERMATH_MS));
  await clearStage(scene);
  const before = outcome(ended);
  return isWell(before) || stage.setup.rotator === 'textbook'
    ? before
    : { ...before, mended: await mend(cell, scene, outcome) };
}

/** Plays the next rotation, which nothing disturbs any more. */
async function mend(
  { way }: Cell,
  scene: Scene,
  outcome: (ended: RotationOutcome) => Outcome,
): Promise<Mending> {
  const isMended = async () => isWell(outcome(await scene.rotate()));
  try {
    return (await isMended()) ? 'by the next rotation' : 'not';
  } catch {
    // Secrets Manager refuses it: the last one is not complete. Where a person has removed the
    // cause, the runbook lets the label be taken off a version that has no value.
    const value = scene.stage.cloud.secretsManager.valueOf(scene.secretId, 'AWSPENDING');
    if (way !== 'denied' || value !== undefined) {
      return 'not';
    }
    await dropPending(scene);
    return (await isMended()) ? 'once unblocked' : 'not';
  }
}

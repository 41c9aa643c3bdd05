import type { RotationOutcome } from '../../../infra/local/secrets-manager/rotation-run.ts';
import { abandon } from './abandon.ts';
import { type Calls, type Cell, cellsOf, loseAnswer } from './matrix.ts';
import { dropPending } from './meanwhile.ts';
import { isWell, type Mending, type Outcome, observe } from './outcome.ts';
import { findPoints, healingPoints, salvagePoints } from './points.ts';
import { SETUP_NAMES, SETUPS, type SetupName } from './setups.ts';
import { type Bundles, clearStage, type Scene, type Stage, setScene, startStage } from './stage.ts';

/** One cell and what came of it. */
export interface Played {
  readonly setup: SetupName;
  readonly cell: Cell;
  readonly outcome: Outcome;
}

export interface PlayProps {
  readonly bundles: Bundles;
  /** Which cells. @default - all */
  readonly only?: (setup: SetupName, cell: Cell) => boolean;
  readonly onPlayed?: (played: Played, count: number, total: number) => void;
}

/** How many play at the same time: while a function starts, another stage has the processor. */
const STAGES = 4;
/** Longer than any request takes that is carried out late. */
const AFTERMATH_MS = 120_000;

/** Plays the matrices of all setups. */
export async function playMatrices(props: PlayProps): Promise<readonly Played[]> {
  const matrices = await Promise.all(SETUP_NAMES.map((setup) => findMatrix(setup, props)));
  const total = matrices.reduce((sum, { left }) => sum + left.size, 0);
  let count = 0;
  const note = (played: Played) => {
    count += 1;
    props.onPlayed?.(played, count, total);
  };
  const playAll = async () => {
    // One setup after the other, but nobody waits for the last cells on another stage.
    for (const matrix of matrices) {
      await playLeft(matrix, props.bundles, note);
    }
  };
  await Promise.all(Array.from({ length: STAGES }, playAll));
  return matrices.flatMap(({ results }) => results);
}

/** The matrix of one setup: its cells, by their order, and what came of those that were played. */
interface Matrix {
  readonly setup: SetupName;
  readonly left: Map<number, Cell>;
  readonly results: Played[];
}

/** Finds the calls of a rotation by watching one. */
async function findMatrix(
  setup: SetupName,
  { bundles, only = () => true }: PlayProps,
): Promise<Matrix> {
  await using stage = await startStage(setup, bundles);
  const cells = cellsOf(SETUPS[setup], await findCalls(stage)).filter((cell) => only(setup, cell));
  // What stops a function comes last: until then all are played with one that runs warm.
  const inTurn = [...cells.entries()].toSorted(([, one], [, other]) => stops(one) - stops(other));
  return { setup, left: new Map(inTurn), results: [] };
}

function stops({ way }: Cell): number {
  return Number(/^(killed|timed out)/.test(way));
}

/** Takes one cell after the other, as others may do on stages of their own. */
async function playLeft(
  { setup, left, results }: Matrix,
  bundles: Bundles,
  onPlayed: (played: Played) => void,
): Promise<void> {
  if (left.size === 0) {
    return;
  }
  await using stage = await startStage(setup, bundles);
  for (const [index, cell] of left) {
    left.delete(index);
    const played = { setup, cell, outcome: await playCell(stage, cell, index) };
    results[index] = played;
    onPlayed(played);
  }
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

import { type Cell, cellsOf } from './matrix.ts';
import { type Outcome, observe } from './outcome.ts';
import { findPoints } from './points.ts';
import {
  type Bundles,
  clearStage,
  type Rotator,
  type Stage,
  setScene,
  startStage,
} from './stage.ts';

/** One cell and what came of it. */
export interface Played {
  readonly rotator: Rotator;
  readonly cell: Cell;
  readonly outcome: Outcome;
}

export interface PlayProps {
  readonly rotator: Rotator;
  readonly bundles: Bundles;
  /** Which cells. @default - all */
  readonly only?: (cell: Cell) => boolean;
  readonly onPlayed?: (played: Played, count: number, total: number) => void;
}

/** How many play at the same time: while a function starts, another stage has the processor. */
const STAGES = 3;
/** Longer than any request takes that is carried out late. */
const AFTERMATH_MS = 120_000;

/** Plays the matrix of one rotator, in the order of its cells. */
export async function playMatrix(props: PlayProps): Promise<readonly Played[]> {
  const { rotator, bundles, only = () => true } = props;
  await using first = await startStage(rotator, bundles);
  const cells = cellsOf(await findPoints(first)).filter(only);
  const queue = [...cells.entries()];
  const results: Played[] = [];
  let count = 0;
  const work = async (stage: Stage) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, cell] = next;
      const played = { rotator, cell, outcome: await playCell(stage, cell, index) };
      results[index] = played;
      count += 1;
      props.onPlayed?.(played, count, cells.length);
    }
  };
  const others = Array.from({ length: STAGES - 1 }, async () => {
    await using stage = await startStage(rotator, bundles);
    await work(stage);
  });
  await Promise.all([work(first), ...others]);
  return results;
}

async function playCell(stage: Stage, cell: Cell, index: number): Promise<Outcome> {
  const scene = await setScene(stage, `cell-${index}`, { scopes: cell.scopes });
  const outcome = observe(scene);
  cell.arrange(scene);
  const ended = await scene.rotate();
  // What is still under way somewhere may yet do harm.
  await stage.clock.during(stage.clock.sleep(AFTERMATH_MS));
  await clearStage(scene);
  return outcome(ended);
}

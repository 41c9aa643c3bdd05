import {
  type RotationOutcome,
  STEPS,
  type Step,
} from '../../../infra/local/secrets-manager/rotation/run.ts';
import { dropPending } from '../../rig/stage/meanwhile.ts';
import {
  type Course,
  findPoints,
  healingPoints,
  pointOf,
  salvagePoints,
} from '../../rig/stage/points.ts';
import { SETUP_NAMES, SETUPS, type SetupName } from '../../rig/stage/setups.ts';
import {
  type Bundles,
  clearStage,
  type Scene,
  type Stage,
  setScene,
  startStage,
} from '../../rig/stage/stage.ts';
import { run } from '../../rig/stage/strike.ts';
import { abandon, rotateInGitLab } from './cells/before.ts';
import type { Calls, Cell } from './cells/cell.ts';
import { cellsOf, loseAnswer } from './cells/cells.ts';
import { runTwiceAtOnce } from './cells/steps.ts';
import { isWell, type Mending, type Outcome, observe, type Told } from './outcome/outcome.ts';
import type { Played } from './outcome/played.ts';

export interface PlayProps {
  readonly bundles: Bundles;
  /** @default - all */
  readonly setups?: readonly SetupName[];
  /** Which cells. @default - all */
  readonly only?: (setup: SetupName, cell: Cell) => boolean;
  /**
   * How many play at the same time: while a function starts, another has the processor. Each starts
   * functions of its own.
   *
   * @default 2
   */
  readonly players?: number;
  readonly onPlayed?: (played: Played, count: number, total: number) => void;
}

/** Longer than any request takes that is carried out late. */
const AFTERMATH_MS = 120_000;

/** Plays the matrices of all setups. @returns setup by setup, in the order of the cells */
export async function playMatrices(props: PlayProps): Promise<readonly Played[]> {
  await using players = new AsyncDisposableStack();
  const hire = () => players.use(new Stages(props.bundles));
  const first = hire();
  const cells = await findCells(first, props);
  const results: Played[] = [];
  // One queue for all, so that nobody waits for the last cells on another's stages.
  const queue = cells.entries();
  let count = 0;
  const playLeft = async (stages: Stages) => {
    for (const [index, { setup, cell }] of queue) {
      const outcome = await playCell(await stages.of(setup), cell, index);
      const played = { setup, cell, outcome };
      results[index] = played;
      count += 1;
      props.onPlayed?.(played, count, cells.length);
    }
  };
  await Promise.all(
    [first, ...Array.from({ length: (props.players ?? 2) - 1 }, hire)].map(playLeft),
  );
  return results;
}

/** The stages of one player, each started when it is needed. */
class Stages implements AsyncDisposable {
  readonly #bundles: Bundles;
  readonly #started = new Map<string, Promise<Stage>>();

  constructor(bundles: Bundles) {
    this.#bundles = bundles;
  }

  /** Setups that differ only in what is in the secret have the same function, which runs warm. */
  async of(name: SetupName): Promise<Stage> {
    const { rotator, recovery } = SETUPS[name];
    const key = `${rotator}, ${recovery}`;
    const started = this.#started.get(key) ?? startStage(name, this.#bundles);
    this.#started.set(key, started);
    return { ...(await started), setup: SETUPS[name] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stages = await Promise.all(this.#started.values());
    await Promise.all(stages.map((stage) => stage[Symbol.asyncDispose]()));
  }
}

/** The cells of every setup, for the calls that a rotation is seen to make. */
async function findCells(
  stages: Stages,
  { setups = SETUP_NAMES, only = () => true }: PlayProps,
): Promise<readonly Pick<Played, 'setup' | 'cell'>[]> {
  const found: Pick<Played, 'setup' | 'cell'>[] = [];
  for (const setup of setups) {
    const cells = cellsOf(SETUPS[setup], await findCalls(await stages.of(setup), setup));
    found.push(...cells.filter((cell) => only(setup, cell)).map((cell) => ({ setup, cell })));
  }
  return found;
}

async function findCalls(stage: Stage, setup: SetupName): Promise<Calls> {
  const find = (what: string, course?: Course) =>
    findPoints(stage, `${what}-${SETUP_NAMES.indexOf(setup)}`, course);
  const rotation = await find('clean');
  const { recovery, alternating, rotator } = SETUPS[setup];
  // Both searches are the same with two tokens.
  const searches = rotator === 'ours' && !alternating;
  if (!searches) {
    return { rotation, healing: [], search: [], salvage: [], revocation: [] };
  }
  if (recovery) {
    const healed = await find('healed', { arrange: loseAnswer });
    const searched = await find('searched', { prepare: rotateInGitLab });
    const search = pointOf(searched, 'getToken');
    return { rotation, healing: healingPoints(healed), search, salvage: [], revocation: [] };
  }
  const salvaged = await find('salvaged', { prepare: abandon });
  const twice = await find('twice', { arrange: runTwiceAtOnce });
  const revocation = pointOf(twice, 'revoke');
  return { rotation, healing: [], search: [], salvage: salvagePoints(salvaged), revocation };
}

async function playCell(stage: Stage, cell: Cell, index: number): Promise<Outcome> {
  const scene = await setScene(stage, `cell-${index}`, { scopes: cell.scopes });
  await cell.prepare?.(scene);
  const outcome = observe(scene);
  keepWarm(scene, cell);
  cell.arrange(scene);
  const ended = await scene.rotate();
  // What is still under way somewhere may yet do harm.
  await stage.clock.during(stage.clock.sleep(AFTERMATH_MS));
  await clearStage(scene);
  const before = inOrder(cell, outcome(ended));
  return isWell(before) || stage.setup.rotator === 'textbook'
    ? before
    : { ...before, mended: await mend(cell, scene, outcome) };
}

function inOrder({ isToldAtOnce = false }: Cell, outcome: Outcome): Outcome {
  const place = ({ step }: Told) => STEPS.indexOf(step as Step);
  const alerts = outcome.alerts.toSorted((one, other) => place(one) - place(other));
  return isToldAtOnce ? { ...outcome, alerts } : outcome;
}

/** What is to be stopped is a process of its own: the rest of the rotation meets one that runs warm. */
function keepWarm({ stage }: Scene, { way, step }: Cell): void {
  if (/^(killed|timed out)/.test(way)) {
    const { lambda } = stage.cloud;
    const effect = run(() => lambda.scaleOut());
    lambda.faults.add({ operation: 'Invoke', at: 'before', nth: STEPS.indexOf(step) + 1, effect });
  }
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

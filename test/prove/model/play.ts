import { setTimeout as wait } from 'node:timers/promises';
import fc, { type AsyncCommand } from 'fast-check';
import { type Bundles, startStage } from '../../rig/stage/stage.ts';
import { Recovery } from './commands/recovery-command.ts';
import { Rotation } from './commands/rotation-command.ts';
import { type Model, newModel } from './world/model.ts';
import { NAMES } from './world/names.ts';
import { USUAL, type Variant } from './world/variant.ts';
import { explore, type Ground, setWorld, type World } from './world/world.ts';

/** Longer than any sequence takes; one that takes longer waits for something that never comes. */
const LIMIT_MS = 60_000;

/** Plays sequences, one after the other. */
export interface Player extends AsyncDisposable {
  /** @throws {Error} for whatever went wrong in it, the rotation and the recovery at its end included */
  play(commands: Iterable<AsyncCommand<Model, World>>, variant?: Variant): Promise<void>;
}

/** Keeps a stage for each setup and variant of AWS; one on which something failed is not used again. */
export function startPlayer(bundles: Bundles): Player {
  const grounds = new Map<string, Promise<Ground>>();
  const begin = async ({ setup, labelLingers, rotationTokens }: Variant) => {
    const aws = { pendingLabelLingers: labelLingers, rotationTokens };
    return explore(await startStage(setup, bundles, { aws }));
  };

  async function leave(key: string): Promise<void> {
    const ground = grounds.get(key);
    grounds.delete(key);
    const { stage } = (await ground) ?? {};
    await stage?.[Symbol.asyncDispose]();
  }

  return {
    async play(commands, variant = USUAL) {
      const { setup, labelLingers, rotationTokens } = variant;
      const key = JSON.stringify({ setup, labelLingers, rotationTokens });
      const ground = grounds.get(key) ?? begin(variant);
      grounds.set(key, ground);
      try {
        await withinLimit(playOn(await ground, commands, variant));
      } catch (error) {
        // It may be what hangs.
        await Promise.race([leave(key), wait(1_000)]);
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...grounds.keys()].map(leave));
    },
  };
}

async function playOn(
  ground: Ground,
  commands: Iterable<AsyncCommand<Model, World>>,
  variant: Variant,
) {
  const world = await setWorld(ground, variant);
  const model = newModel(world);
  await fc.asyncModelRun(() => ({ model, real: world }), commands);
  await new Rotation(NAMES, 'by hand').run(model, world);
  for (const name of NAMES) {
    await new Recovery(name).run(model, world);
  }
  await world.end();
}

async function withinLimit(work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const limit = wait(LIMIT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`the sequence did not end within ${LIMIT_MS / 1000} s of real time`);
  });
  limit.catch(() => undefined);
  try {
    await Promise.race([work, limit]);
  } finally {
    timer.abort();
  }
}

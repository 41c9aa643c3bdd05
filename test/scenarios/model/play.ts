import { setTimeout as wait } from 'node:timers/promises';
import fc, { type AsyncCommand } from 'fast-check';
import type { SetupName } from '../survival/setups.ts';
import { type Bundles, startStage } from '../survival/stage.ts';
import { type Model, newModel } from './model.ts';
import { Recovery } from './recovery-command.ts';
import { explore, type Ground, NAMES, setWorld, type World } from './world.ts';

/** Longer than any sequence takes; one that takes longer waits for something that never comes. */
const LIMIT_MS = 60_000;

/** Plays sequences, one after the other. */
export interface Player extends AsyncDisposable {
  /** @throws {Error} for whatever went wrong in it, the recovery at its end included */
  play(commands: Iterable<AsyncCommand<Model, World>>): Promise<void>;
}

/** Keeps one stage for all sequences; one on which something failed is not used again. */
export function startPlayer(bundles: Bundles, setup: SetupName = 'one token'): Player {
  let ground: Promise<Ground> | undefined;

  async function leave(): Promise<void> {
    const { stage } = (await ground) ?? {};
    ground = undefined;
    await stage?.[Symbol.asyncDispose]();
  }

  return {
    async play(commands) {
      ground ??= startStage(setup, bundles).then(explore);
      try {
        await withinLimit(playOn(await ground, commands));
      } catch (error) {
        // It may be what hangs.
        await Promise.race([leave(), wait(1_000)]);
        ground = undefined;
        throw error;
      }
    },
    [Symbol.asyncDispose]: leave,
  };
}

async function playOn(ground: Ground, commands: Iterable<AsyncCommand<Model, World>>) {
  const world = await setWorld(ground);
  const model = newModel(world);
  await fc.asyncModelRun(() => ({ model, real: world }), commands);
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

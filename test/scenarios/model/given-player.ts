import { afterAll, beforeAll } from 'vitest';
import type { SetupName } from '../survival/setups.ts';
import { type Bundles, buildBundles } from '../survival/stage.ts';
import { type Player, startPlayer } from './play.ts';

export interface GivenPlayer {
  readonly play: Player['play'];
  /** Another player, with a stage of its own, that the test ends. */
  startAnother(setup: SetupName): Player;
}

/** A player of our rotator, from the first test of a file to its last. */
export function givenPlayer(): GivenPlayer {
  let bundles: Bundles;
  let player: Player;

  beforeAll(() => {
    bundles = buildBundles();
    player = startPlayer(bundles);
  });
  afterAll(async () => {
    await player[Symbol.asyncDispose]();
    bundles[Symbol.dispose]();
  });

  return {
    play: (commands, variant) => player.play(commands, variant),
    startAnother: (setup) => startPlayer(bundles, setup),
  };
}

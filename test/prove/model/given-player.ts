import { afterAll, beforeAll } from 'vitest';
import { type Bundles, buildBundles } from '../matrix/stage.ts';
import { type Player, startPlayer } from './play.ts';

/** A player of sequences, from the first test of a file to its last. */
export function givenPlayer(): Pick<Player, 'play'> {
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

  return { play: (commands, variant) => player.play(commands, variant) };
}

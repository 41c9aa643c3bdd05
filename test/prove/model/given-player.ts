import { afterAll, beforeAll } from 'vitest';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { type Player, startPlayer } from './play.ts';

/** A player of sequences, from the first test of a file to its last. */
export function givenPlayer(): Pick<Player, 'play'> {
  let player: Player;

  beforeAll(() => {
    player = startPlayer(sharedBundles());
  });
  afterAll(() => player[Symbol.asyncDispose]());

  return { play: (commands, variant) => player.play(commands, variant) };
}

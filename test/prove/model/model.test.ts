import fc from 'fast-check';
import { describe, it } from 'vitest';
import { givenPlayer } from './given-player.ts';
import { sequences, variants } from './sequences.ts';

/*
 * A failure is printed with its seed, path and replayPath, and is played again by
 *
 *   MODEL_REPLAY='{"seed":1,"path":"2:3","replayPath":"AAB:C","endOnFailure":true}' \
 *     npx vitest run --config test/vitest.config.ts test/prove/model/model.test.ts
 *
 * It then becomes a case of its own in cases.test.ts. MODEL_RUNS asks for more sequences than a
 * test run has time for.
 */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 25);
const REPLAY = JSON.parse(process.env['MODEL_REPLAY'] ?? '{}');
/** On a busy machine rather fewer sequences than a test run that takes for ever. */
const BUDGET_MS = process.env['MODEL_RUNS'] === undefined ? 25_000 : 3_600_000;

const { play } = givenPlayer();

describe('two secrets, whatever happens to them in whatever order', () => {
  it('keeps every promise after each step, and is never stuck for good', async () => {
    const { replayPath, ...replay } = REPLAY;
    await fc.assert(fc.asyncProperty(sequences(replayPath), variants, play), {
      numRuns: RUNS,
      interruptAfterTimeLimit: BUDGET_MS,
      ...replay,
    });
  }, 7_200_000);
});

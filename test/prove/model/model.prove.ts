import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { givenPlayer } from './given-player.ts';
import { sequences, variants } from './sequences.ts';

/*
 * A failure is printed with its seed, path and replayPath, and is played again by
 *
 *   MODEL_REPLAY='{"seed":1,"path":"2:3","replayPath":"AAB:C","endOnFailure":true}' \
 *     npx vitest run --config test/prove/vitest.config.ts test/prove/model/model.prove.ts
 *
 * It then becomes a case of its own in cases.prove.ts. SEED=<seed> samples the same sequences
 * again, and MODEL_RUNS asks for another number of them.
 */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 45);
const REPLAY = JSON.parse(process.env['MODEL_REPLAY'] ?? '{}');
/** For as many sequences as anybody has asked for. */
const LIMIT_MS = 7_200_000;

const { play } = givenPlayer();

describe('two secrets, whatever happens to them in whatever order', () => {
  it(
    'keeps every promise after each step, and is never stuck for good',
    async ({ task }) => {
      const { replayPath, ...replay } = REPLAY;
      let played = 0;
      const property = fc.asyncProperty(sequences(replayPath), variants, async (...sequence) => {
        await play(...sequence);
        played += 1;
      });

      await fc.assert(property, { numRuns: RUNS, ...replay });

      expect(played).toBeGreaterThanOrEqual(replayPath === undefined ? RUNS : 1);
      task.meta.sequences = played;
    },
    LIMIT_MS,
  );
});

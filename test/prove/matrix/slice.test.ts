import { beforeAll, describe, expect, it } from 'vitest';
import type { OurSetupName } from '../../rig/stage/setups.ts';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { keyOf } from './cells/cell.ts';
import { WAYS } from './cells/ways.ts';
import { entryOf } from './outcome/code.ts';
import { EXPECTED } from './outcome/expectations.ts';
import type { Played } from './outcome/played.ts';
import { playMatrices } from './play.ts';
import { isOutageTooLong } from './show/present.ts';

/** Where a successor is lost most easily: at the rotate request, and at the put of the successor. */
const ROWS = ['createSecret rotate', 'createSecret PutSecretValue 2'];
/** With nothing to fall back on. */
const SETUP: OurSetupName = 'one token';
const PLAY_TIMEOUT_MS = 300_000;

let played: readonly Played[] = [];

beforeAll(async () => {
  played = await playMatrices({
    bundles: sharedBundles(),
    setups: [SETUP],
    // Other tests have the other processor.
    players: 1,
    only: (_setup, cell) => isPlayed(keyOf(cell)),
  });
}, PLAY_TIMEOUT_MS);

function isPlayed(cell: string): boolean {
  return ROWS.some((row) => cell.startsWith(`calls / ${row} / `));
}

describe('a slice of the matrix', () => {
  it('holds every way of failing', ({ task }) => {
    expect(new Set(played.map(({ cell }) => cell.way))).toEqual(
      new Set([...Object.keys(WAYS), 'second request']),
    );
    const of = Object.values(EXPECTED).reduce((sum, { size }) => sum + size, 0);
    task.meta.cells = { played: played.length, of };
  });

  it('ends as it is written', () => {
    expect(
      Object.fromEntries(played.map(({ cell, outcome }) => [keyOf(cell), entryOf(outcome)])),
    ).toEqual(Object.fromEntries([...EXPECTED[SETUP]].filter(([cell]) => isPlayed(cell))));
    expect(played.filter(isOutageTooLong)).toEqual([]);
  });
});

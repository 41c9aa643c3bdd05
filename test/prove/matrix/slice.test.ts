import { beforeAll, describe, expect, it } from 'vitest';
import type { OurSetupName, SetupName } from '../stage/setups.ts';
import { sharedBundles } from '../stage/shared-bundles.ts';
import { keyOf } from './cells/cell.ts';
import { WAYS } from './cells/ways.ts';
import { entryOf, isLoss } from './outcome/code.ts';
import { EXPECTED } from './outcome/expectations.ts';
import type { Played } from './outcome/played.ts';
import { playMatrices } from './play.ts';
import { isOutageTooLong } from './show/present.ts';

/** Where a successor is lost most easily: at the rotate request, and at the put of the successor. */
const ROWS = ['createSecret rotate', 'createSecret PutSecretValue 2'];
/** With nothing to fall back on every cell, and with everything those in which the first is lost. */
const BARE: OurSetupName = 'one token';
const SETUPS: readonly OurSetupName[] = [BARE, 'two tokens, recovery'];
const PLAY_TIMEOUT_MS = 300_000;

let played: readonly Played[] = [];

beforeAll(async () => {
  played = await playMatrices({
    bundles: sharedBundles(),
    setups: SETUPS,
    // Other tests have the other processor.
    players: 1,
    only: (setup, cell) => isPlayed(setup, keyOf(cell)),
  });
}, PLAY_TIMEOUT_MS);

function isPlayed(setup: SetupName, cell: string): boolean {
  const isInRow = ROWS.some((row) => cell.startsWith(`calls / ${row} / `));
  return isInRow && (setup === BARE || isLoss(EXPECTED[BARE].get(cell)?.code ?? ''));
}

function expectedOf(setup: OurSetupName) {
  return [...EXPECTED[setup]].filter(([cell]) => isPlayed(setup, cell));
}

describe('a slice of the matrix', () => {
  it('holds every way of failing', ({ task }) => {
    const bare = played.filter(({ setup }) => setup === BARE);
    expect(new Set(bare.map(({ cell }) => cell.way))).toEqual(
      new Set([...Object.keys(WAYS), 'second request']),
    );
    const of = Object.values(EXPECTED).reduce((sum, { size }) => sum + size, 0);
    task.meta.cells = { played: played.length, of };
  });

  it.each(SETUPS)('ends as it is written: %s', (setup) => {
    const own = played.filter((each) => each.setup === setup);

    expect(
      Object.fromEntries(own.map(({ cell, outcome }) => [keyOf(cell), entryOf(outcome)])),
    ).toEqual(Object.fromEntries(expectedOf(setup)));
    expect(own.filter(isOutageTooLong)).toEqual([]);
  });
});

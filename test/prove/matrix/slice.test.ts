import { beforeAll, describe, expect, it } from 'vitest';
import type { OurSetupName } from '../stage/setups.ts';
import { sharedBundles } from '../stage/shared-bundles.ts';
import { keyOf } from './cells/cell.ts';
import { WAYS } from './cells/ways.ts';
import { entryOf } from './outcome/code.ts';
import { EXPECTED } from './outcome/expectations.ts';
import type { Played } from './outcome/played.ts';
import { playMatrices } from './play.ts';
import { isOutageTooLong } from './show/present.ts';

/** Where a successor is lost most easily: at the rotate request, and at the put of the successor. */
const ROWS = ['createSecret rotate', 'createSecret PutSecretValue 2'];
/** With nothing to fall back on, and with everything. */
const SETUPS: readonly OurSetupName[] = ['one token', 'two tokens, recovery'];
const PLAY_TIMEOUT_MS = 300_000;

let played: readonly Played[] = [];

beforeAll(async () => {
  played = await playMatrices({
    bundles: sharedBundles(),
    setups: SETUPS,
    only: (_setup, { group, row }) => group === 'calls' && ROWS.includes(row),
  });
}, PLAY_TIMEOUT_MS);

function expectedOf(setup: OurSetupName) {
  const keys = ROWS.map((row) => `calls / ${row} / `);
  return [...EXPECTED[setup]].filter(([cell]) => keys.some((key) => cell.startsWith(key)));
}

describe('a slice of the matrix', () => {
  it('holds every way of failing', ({ task }) => {
    expect(new Set(played.map(({ cell }) => cell.way))).toEqual(
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

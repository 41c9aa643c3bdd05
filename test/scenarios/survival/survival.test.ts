import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeOf, type Entry, entryOf, isLoss } from './code.ts';
import { EXPECTED, IDLE_LINES, REASONS } from './expectations.ts';
import { keyOf } from './matrix.ts';
import { type Played, playMatrix } from './play.ts';
import { withTotals } from './readme.ts';
import { buildBundles } from './stage.ts';
import { totalsOf } from './totals.ts';

const README = join(import.meta.dirname, '..', '..', '..', 'README.md');
/** For both matrices, on a machine that has much else to do. */
const PLAY_TIMEOUT_MS = 600_000;

let ours: readonly Played[] = [];
let textbook: readonly Played[] = [];

beforeAll(async () => {
  using bundles = buildBundles();
  ours = await playMatrix({ rotator: 'ours', bundles });
  textbook = await playMatrix({ rotator: 'textbook', bundles });
}, PLAY_TIMEOUT_MS);

function entries(played: readonly Played[]): Record<string, Entry> {
  return Object.fromEntries(played.map(({ cell, outcome }) => [keyOf(cell), entryOf(outcome)]));
}

/** The cells in which something holds, by their keys. */
function where(played: readonly Played[], predicate: (each: Played) => boolean): string[] {
  return played.filter(predicate).map(({ cell }) => keyOf(cell));
}

describe('the rotator of this project', () => {
  it('comes through every cell as it is written, in every column', () => {
    expect(entries(ours)).toEqual(Object.fromEntries(EXPECTED));
    expect(IDLE_LINES).toEqual([]);
  });

  it('leaves a dead token only where a reason says why nobody could do better', () => {
    const reasonsFor = ({ cell }: Played) =>
      REASONS.filter(({ cells }) => cells(cell.row, cell.way)).length;
    const losses = ours.filter(({ outcome }) => isLoss(codeOf(outcome)));

    expect(losses.length).toBeGreaterThan(0);
    expect(losses.filter((each) => reasonsFor(each) !== 1).map(({ cell }) => keyOf(cell))).toEqual(
      [],
    );
  });

  it('presents a dead token only in the one moment that nothing can close', () => {
    expect(where(ours, ({ outcome }) => outcome.deadPresented > 0)).toEqual([
      'calls / createSecret probe 2 / overlapped',
    ]);
    expect(where(ours, ({ outcome }) => outcome.deadRepeated > 0)).toEqual([
      'calls / createSecret rotate / sent twice',
    ]);
    expect(where(ours, ({ outcome }) => outcome.killed > 0)).toEqual([
      'calls / createSecret probe 2 / overlapped',
      'calls / createSecret rotate / sent twice',
    ]);
  });

  it('leaves no living token that nobody knows of, where all seems well', () => {
    expect(where(ours, ({ outcome }) => outcome.orphans > 0 && !isLoss(codeOf(outcome)))).toEqual(
      [],
    );
  });

  it('tells every failure of its own once', () => {
    // A function that is killed, out of time or not invoked says nothing.
    const speechless = /^(killed|timed out)/;
    const untold = where(
      ours,
      ({ cell, outcome }) =>
        !speechless.test(cell.way) &&
        cell.group !== 'alerts' &&
        outcome.alerts.length !== outcome.failures,
    );

    expect(untold).toEqual([]);
  });

  it('never says that nothing happened when consumers have a dead token', () => {
    const wrong = where(ours, ({ outcome }) =>
      outcome.alerts.some(
        ({ step, risk }) => step !== 'createSecret' && risk === 'none' && outcome.deadSeconds > 0,
      ),
    );

    expect(wrong).toEqual([]);
  });

  it('leaves consumers without a living token no longer than until the next attempt', () => {
    const longest = 2 * 60 + 60;
    const ended = ours.filter(({ outcome }) => Number.isFinite(outcome.deadSeconds));

    expect(where(ended, ({ outcome }) => outcome.deadSeconds > longest)).toEqual([]);
  });
});

describe('the textbook rotator', () => {
  it.each([
    'createSecret rotate / answer lost',
    'createSecret rotate / silent after',
    'createSecret rotate / late',
    'createSecret rotate / killed after',
    'createSecret PutSecretValue / killed before',
    'createSecret PutSecretValue / down',
  ])('kills the successor: %s', (cell) => {
    const found = textbook.find((each) => keyOf(each.cell) === `calls / ${cell}`);

    expect(found?.outcome).toMatchObject({ state: 'killed', killed: 1 });
    expect(found?.outcome.deadPresented).toBeGreaterThan(0);
  });

  it('does what a rotation is for where nothing fails for good', () => {
    const found = textbook.find(
      ({ cell }) => keyOf(cell) === 'calls / testSecret GetSecretValue 3 / reset before',
    );

    expect(found?.outcome.state).toBe('rotated');
  });
});

it('is what the README says', () => {
  const readme = readFileSync(README, 'utf8');

  expect(withTotals(readme, totalsOf(ours), totalsOf(textbook))).toBe(readme);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOTICES } from '../../../lambda/failure.ts';
import { OUR_SETUPS, type SetupName } from '../../rig/stage/setups.ts';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { keyOf } from './cells/cell.ts';
import { type Entry, entryOf } from './outcome/code.ts';
import { EXPECTED, idleLines, LAST_LOOK, REASONS } from './outcome/expectations.ts';
import { isToldByAws, isWell } from './outcome/outcome.ts';
import type { Played } from './outcome/played.ts';
import { playMatrices } from './play.ts';
import { isOutageTooLong } from './show/present.ts';
import { withTotals } from './show/readme.ts';
import { totalsOfAll } from './show/totals.ts';

const README = join(import.meta.dirname, '..', '..', '..', 'README.md');
/** For the matrices of all setups, on a machine that has much else to do. */
const PLAY_TIMEOUT_MS = 2_700_000;

/** That somebody takes who does something meanwhile: with one token, `AWSCURRENT` holds a dead one then. */
const MOMENT_SECONDS = 0.001;

let played: readonly Played[] = [];

beforeAll(async () => {
  played = await playMatrices({ bundles: sharedBundles() });
}, PLAY_TIMEOUT_MS);

function of(setup: SetupName): readonly Played[] {
  return played.filter((each) => each.setup === setup);
}

function entries(played: readonly Played[]): Record<string, Entry> {
  return Object.fromEntries(played.map(({ cell, outcome }) => [keyOf(cell), entryOf(outcome)]));
}

/** The cells in which something holds, by their keys. */
function where(played: readonly Played[], predicate: (each: Played) => boolean): string[] {
  return played.filter(predicate).map(({ cell }) => keyOf(cell));
}

const HEALED = ['one token, recovery', 'two tokens, recovery'] as const;

/** GitLab takes no revocation for as long as one is tried. */
function isRevocationDown({ group, way }: Played['cell']): boolean {
  return group === 'two at once' && /^(down|failing|throttled long|denied)$/.test(way);
}

describe.each(OUR_SETUPS)('the rotator of this project: %s', (setup) => {
  it('comes through every cell as it is written, in every column', ({ task }) => {
    expect(entries(of(setup))).toEqual(Object.fromEntries(EXPECTED[setup]));
    task.meta.cells = { played: of(setup).length, of: EXPECTED[setup].size };
  });

  it('leaves a dead token only where a reason says why nobody could do better', () => {
    const reasonsFor = ({ cell }: Played) =>
      REASONS.filter(({ cells }) => cells(cell.row, cell.way)).length;
    const losses = of(setup).filter(({ outcome }) => !isWell(outcome));

    expect(losses.length).toBeGreaterThan(0);
    expect(losses.filter((each) => reasonsFor(each) !== 1).map(({ cell }) => keyOf(cell))).toEqual(
      [],
    );
  });

  it('leaves no active token that nobody knows of, where all seems well, but what it could not revoke', () => {
    const left = of(setup).filter(({ outcome }) => outcome.orphans > 0 && isWell(outcome));

    expect(
      left.filter(({ cell }) => !isRevocationDown(cell)).map(({ cell }) => keyOf(cell)),
    ).toEqual([]);
  });

  it('tells every failure of its own once', () => {
    // A function that is killed, out of time or not invoked says nothing.
    const speechless = /^(killed|timed out)/;
    const untold = where(
      of(setup),
      ({ cell, outcome }) =>
        !speechless.test(cell.way) &&
        cell.group !== 'alerts' &&
        outcome.alerts.filter(({ code }) => !isNotice(code)).length !== outcome.failures,
    );

    expect(untold).toEqual([]);
  });

  it('ends badly nowhere without an alert of its own or an event of AWS', () => {
    const untold = where(
      of(setup),
      ({ outcome }) => !isWell(outcome) && outcome.alerts.length === 0 && !isToldByAws(outcome),
    );

    expect(untold).toEqual([]);
  });

  it('never says after createSecret that nothing happened when consumers have a dead token', () => {
    const wrong = where(of(setup), ({ outcome }) =>
      outcome.alerts.some(
        ({ code, step, risk }) =>
          step !== 'createSecret' &&
          !isNotice(code) &&
          risk === 'none' &&
          outcome.deadSeconds > MOMENT_SECONDS,
      ),
    );

    expect(wrong).toEqual([]);
  });

  it('leaves consumers with a dead token no longer than it is written', () => {
    const tooLong = of(setup).filter(isOutageTooLong);

    expect(tooLong.map(({ cell, outcome }) => [keyOf(cell), outcome.deadSeconds])).toEqual([]);
  });
});

describe('one token', () => {
  it('is presented dead only in the one moment that nothing can close', () => {
    const cells = of('one token');

    expect(where(cells, ({ outcome }) => outcome.deadPresented > 0)).toEqual([
      'calls / createSecret probe 2 / overlapped',
    ]);
    expect(where(cells, ({ outcome }) => outcome.deadRepeated > 0)).toEqual([
      'calls / createSecret rotate / sent twice',
    ]);
    const first = cells.filter(({ cell }) => !cell.way.startsWith('second request'));
    expect(where(first, ({ outcome }) => outcome.killed > 0)).toEqual([
      'calls / createSecret probe 2 / overlapped',
      'calls / createSecret rotate / sent twice',
    ]);
  });
});

describe('two tokens', () => {
  it.each(['two tokens', 'two tokens, recovery'] as const)(
    'leave consumers with a dead one only while finishSecret moves the label, or after it, where GitLab reads a second request then: %s',
    (setup) => {
      const cells = of(setup).filter(({ outcome }) => outcome.everDead);

      expect(cells.map(({ cell, outcome }) => [keyOf(cell), outcome.alerts[0]?.code])).toEqual([
        ['calls / finishSecret probe 5 / second request', 'STANDBY_DEAD'],
        ['calls / finishSecret UpdateSecretVersionStage / second request', 'STANDBY_DEAD'],
        ['calls / finishSecret probe 6 / second request', 'HEALED'],
        ['steps / finishSecret / second request after', 'HEALED'],
      ]);
      expect(cells.filter(({ outcome }) => outcome.state !== 'kept')).toEqual([]);
    },
  );
});

describe('with a recovery credential', () => {
  it.each(HEALED)('nothing is lost where GitLab and Secrets Manager come back: %s', (setup) => {
    const staysAway = /^(denied|throttled for good|60 reads)/;
    // A request that comes twice, by whatever way, kills what no credential brings back.
    const isRepeated = ({ row, way }: Played['cell']) =>
      /^(sent twice$|second request)/.test(way) || (way === 'overlapped' && LAST_LOOK.test(row));
    const comesBack = ({ cell }: Played) => !staysAway.test(cell.way) && !isRepeated(cell);
    const lost = of(setup).filter(
      (each) =>
        comesBack(each) && !isWell(each.outcome) && each.outcome.mended !== 'by the next rotation',
    );

    expect(lost.map(({ cell }) => keyOf(cell))).toEqual([]);
  });
});

it('has no line of columns by which no cell goes', () => {
  expect(idleLines()).toEqual([]);
});

function isNotice(code: string): boolean {
  return NOTICES.some((notice) => notice === code);
}

describe('the textbook rotator', () => {
  it.each([
    'createSecret rotate / answer lost',
    'createSecret rotate / silent after',
    'createSecret rotate / late',
    'createSecret rotate / killed after',
    'createSecret PutSecretValue / killed before',
    'createSecret PutSecretValue / down',
  ])('kills the successor: %s', (cell) => {
    const found = of('textbook').find((each) => keyOf(each.cell) === `calls / ${cell}`);

    expect(found?.outcome).toMatchObject({ state: 'killed', killed: 1 });
    expect(found?.outcome.deadPresented).toBeGreaterThan(0);
  });

  it('does what a rotation is for where nothing fails for good', () => {
    const found = of('textbook').find(
      ({ cell }) => keyOf(cell) === 'calls / testSecret GetSecretValue 3 / reset before',
    );

    expect(found?.outcome.state).toBe('rotated');
  });
});

it('is what the README says', () => {
  const readme = readFileSync(README, 'utf8');

  expect(withTotals(readme, totalsOfAll(played))).toBe(readme);
});

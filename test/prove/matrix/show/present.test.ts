import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SETUP_NAMES } from '../../../rig/stage/setups.ts';
import { legend } from '../outcome/code.ts';
import type { Played } from '../outcome/played.ts';
import { presentCell, presentMatrix } from './present.ts';
import { totalsLine, totalsLines, totalsOfAll } from './totals.ts';

/** A matrix as wide as the widest: a call each for fourteen columns. */
const ROWS = Array.from(
  { length: 14 },
  (_, index) => `finishSecret UpdateSecretVersionStage ${index}`,
);
const WAYS = ['answer lost', 'replaced by hand', 'refused for good, successor lost'];

const PLAYED: readonly Played[] = SETUP_NAMES.flatMap((setup) =>
  ROWS.flatMap((row) =>
    WAYS.map((way) => ({
      setup,
      cell: {
        group: 'calls' as const,
        row,
        way,
        step: 'finishSecret' as const,
        summary:
          'somebody puts another active token when the step is done, and nobody is told of it',
        arrange: () => undefined,
      },
      outcome: {
        rotation: 'failed',
        attempts: 3,
        state: 'lost' as const,
        mended: 'not' as const,
        everDead: true,
        orphans: 1,
        rotateRequests: 1,
        deadPresented: 0,
        deadRepeated: 0,
        killed: 0,
        failures: 3,
        deadSeconds: Number.POSITIVE_INFINITY,
        alerts: [{ code: 'SUCCESSOR_NOT_STORED', risk: 'consumers', step: 'createSecret' }],
      },
    })),
  ),
);

function linesOf(text: string): readonly string[] {
  return stripVTControlCharacters(text).split('\n');
}

describe('the matrix in the terminal', () => {
  it.each([60, 80])('fits %i columns', (width) => {
    const totals = totalsOfAll(PLAYED);
    const text = [
      presentMatrix(
        PLAYED.filter(({ setup }) => setup === 'textbook'),
        width,
      ),
      ...PLAYED.slice(0, 3).map((played) => presentCell(played, width)),
      totalsLines(totals, width),
      legend(width),
    ].join('\n');

    expect(linesOf(text).filter((line) => line.length > width)).toEqual([]);
    expect(totalsLine(totals, 0)).toContain('0 of 42 (one token)');
  });

  it('goes on below where the columns do not fit, with every cell once', () => {
    const own = PLAYED.filter(({ setup }) => setup === 'textbook');

    const lines = linesOf(presentMatrix(own, 60));

    const heads = lines.filter((line) => /^ +1?\d( +\d+)*$/.test(line));
    expect(heads.length).toBeGreaterThan(1);
    expect(heads.join(' ').trim().split(/ +/).map(Number)).toEqual(
      ROWS.map((_, index) => index + 1),
    );
    expect(lines.join(' ').match(/\bLNS\b/g)).toHaveLength(own.length);
  });
});

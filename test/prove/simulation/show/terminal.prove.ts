import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../timeline/timeline.ts';
import { totalsLines } from '../timeline/totals.ts';
import { CHANGED, FAULTS, givenTimeline } from './given-timeline.ts';
import { legend, presentTimeline } from './terminal.ts';

const CODES = ['SUCCESSOR_NOT_STORED', 'CURRENT_TOKEN_DEAD'];

function given(days: number) {
  const outageMs = 3 * HOUR_MS;
  const faults = ['', ...FAULTS];
  return givenTimeline({
    strategy: 'alternating',
    days,
    everyDays: 10,
    faults,
    changes: CHANGED,
    outageMs,
    codes: CODES,
  });
}

describe('the timeline in the terminal', () => {
  it.each([
    [10, 80],
    [90, 80],
    [400, 80],
    [90, 60],
    [400, 60],
  ])('of %i days fits %i columns', (days, width) => {
    const timeline = given(days);
    const both = totalsLines([timeline, timeline], width);
    const text = [presentTimeline(timeline, width), legend(width), both].join('\n');

    const lines = stripVTControlCharacters(text).split('\n');

    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });

  it('has a lane for each thing, and a line for each incident', () => {
    const text = stripVTControlCharacters(presentTimeline(given(90), 80));

    for (const lane of ['watch', 'rotations', 'tokens A', 'tokens B', 'AWSCURRENT', 'alerts']) {
      expect(text).toMatch(new RegExp(`^  ${lane} +\\S`, 'm'));
    }
    for (const change of CHANGED) {
      expect(text).toMatch(new RegExp(`^  day [0-9.]+  ${change}: `, 'm'));
    }
    expect(text).toContain('found by the watch after 20 h;');
    for (const fault of FAULTS) {
      expect(text).toMatch(new RegExp(`^  day [0-9.]+  ${fault}: 401 for up to 3 h$`, 'm'));
    }
  });
});

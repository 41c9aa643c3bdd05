import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { DEFAULT_DAYS, DEFAULT_SEED } from './options.ts';
import { drawTimeline } from './picture/picture.ts';
import { PICTURES, withComparison } from './readme.ts';
import { simulate } from './simulate.ts';
import { DAY_MS, MINUTE_MS, type Strategy, type Timeline } from './timeline/timeline.ts';
import { totalsOf } from './timeline/totals.ts';

const README = join(import.meta.dirname, 'README.md');
const STRATEGIES: readonly Strategy[] = ['single', 'alternating'];
/** On a machine that has much else to do. */
const TIMEOUT_MS = 300_000;

/** Each with other faults at other times, and what somebody changes; the first is what the documents show. */
const RUNS = [
  { days: DEFAULT_DAYS, seed: DEFAULT_SEED, changed: ['schedule off', 'token revoked'] },
  { days: 30, seed: 2, changed: ['schedule off'] },
  { days: 45, seed: 3, changed: ['token revoked'] },
] as const;

/** What the watch finds after each change. With two tokens it is the standby that is revoked. */
const FOUND: Readonly<Record<Strategy, Readonly<Record<string, string>>>> = {
  single: { 'schedule off': 'ROTATION_DISABLED', 'token revoked': 'REVOKED' },
  alternating: { 'schedule off': 'ROTATION_DISABLED', 'token revoked': 'STANDBY_DEAD' },
};

const bundles = sharedBundles();

describe.each(RUNS)('$days days with seed $seed', ({ days, seed, changed }) => {
  let single: Timeline;
  let alternating: Timeline;

  beforeAll(async () => {
    const run = (strategy: Strategy) => simulate(strategy, { days, seed, bundles });
    [single, alternating] = await Promise.all([run('single'), run('alternating')]);
  }, TIMEOUT_MS);

  it('bring consumers 401s with one token', () => {
    expect(totalsOf(single).unauthorized).toBeGreaterThan(0);
  });

  it('bring one that tries AWSPENDING too no 401 while the secret has an active token', () => {
    const consumer = single.consumers.find(({ name }) => name === 'tries AWSPENDING too');

    expect(consumer).toMatchObject({ avoidable: 0 });
    expect(totalsOf(single).unauthorized).toBeGreaterThan(totalsOf(single).unavoidable);
  });

  it('bring none with two', () => {
    const { unauthorized, outages } = totalsOf(alternating);

    expect({ unauthorized, outages }).toEqual({ unauthorized: 0, outages: 0 });
  });

  it('let the same go wrong at the same times', () => {
    const disturbed = ({ rotations }: Timeline) =>
      rotations.flatMap(({ at, fault }) => (fault === undefined ? [] : [{ at, fault }]));

    expect(disturbed(single)).not.toEqual([]);
    expect(disturbed(single).map(({ fault }) => fault)).toEqual(
      disturbed(alternating).map(({ fault }) => fault),
    );
  });

  it('have a call a minute of each consumer, and make some while all is calm', ({ task }) => {
    task.meta.days = days;
    for (const { consumers } of [single, alternating]) {
      for (const { calls, made, unauthorized, unanswered, outages } of consumers) {
        const failed = outages.reduce((sum, outage) => sum + outage.calls, 0);
        expect(calls).toBe(days * 1440);
        expect(failed).toBe(unauthorized + unanswered);
        expect(made).toBeGreaterThan(days);
      }
    }
  });

  it('end with an active token, once a person has repaired what was lost or changed', () => {
    for (const { rotations, repairs, changes, tokens } of [single, alternating]) {
      const lost = tokens.filter(({ known }) => !known);
      expect(repairs).toHaveLength(lost.length + changes.length);
      expect(rotations.at(-1)?.succeeded).toBe(true);
    }
  });

  it.each(STRATEGIES)(
    'have the watch find what somebody changed the next morning: %s',
    (strategy) => {
      const { changes, watches, alerts } = strategy === 'single' ? single : alternating;

      expect(changes.map(({ what }) => what).toSorted()).toEqual(changed);
      for (const { at, what } of changes) {
        const code = FOUND[strategy][what];
        // Day 0 is noon, and the watch runs at six.
        const morning = Math.ceil((at + DAY_MS / 4) / DAY_MS) * DAY_MS - DAY_MS / 4;
        const [first] = watches.filter((each) => each.at > at);
        const [told] = alerts.filter((each) => each.at > at);
        expect(first).toMatchObject({ at: morning, codes: [code] });
        expect(told).toMatchObject({ code, step: 'watch' });
        expect((told?.at ?? 0) - morning).toBeLessThan(5 * MINUTE_MS);
      }
    },
  );

  it('have a watch every day', () => {
    for (const { watches } of [single, alternating]) {
      expect(watches).toHaveLength(days);
    }
  });

  it('say nothing of any token but its name', () => {
    const told = [single, alternating].map((timeline) => JSON.stringify(timeline));

    for (const text of [...told, drawTimeline(single), drawTimeline(alternating)]) {
      expect(text).not.toMatch(/glpat|arn:|[0-9a-f]{8}-[0-9a-f]{4}/);
    }
  });

  if (seed === DEFAULT_SEED) {
    it('are what README.md says and shows', () => {
      const readme = readFileSync(README, 'utf8');
      const pictures = STRATEGIES.map((strategy) =>
        readFileSync(join(import.meta.dirname, PICTURES[strategy]), 'utf8'),
      );

      expect(withComparison(readme, [single, alternating])).toBe(readme);
      expect([single, alternating].map(drawTimeline)).toEqual(pictures);
    });
  }
});

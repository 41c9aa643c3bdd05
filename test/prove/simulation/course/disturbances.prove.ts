import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../timeline/timeline.ts';
import { DISTURBANCES, type Plan, planOf } from './disturbances.ts';

function plans(seed: number, count: number): readonly Plan[] {
  const plan = planOf(seed);
  return Array.from({ length: count }, () => plan.next().value);
}

describe('what goes wrong', () => {
  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(plans(seed, 30)).toEqual(plans(seed, 30));
      }),
    );
  });

  it('is something else for another seed', () => {
    expect(plans(1, 30)).not.toEqual(plans(2, 30));
  });

  it('comes a second time only when everything else has come', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const names = plans(seed, 100).flatMap(({ disturbance }) => disturbance?.name ?? []);
        const first = names.slice(0, DISTURBANCES.length);

        expect(new Set(first).size).toBe(DISTURBANCES.length);
      }),
    );
  });

  it('is repaired within a working day', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        for (const { repairAfterMs, delayMs } of plans(seed, 30)) {
          expect(repairAfterMs).toBeGreaterThanOrEqual(2 * HOUR_MS);
          expect(repairAfterMs).toBeLessThanOrEqual(5 * HOUR_MS);
          expect(delayMs).toBeLessThanOrEqual(HOUR_MS / 2);
        }
      }),
    );
  });
});

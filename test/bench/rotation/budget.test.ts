import { describe, expect, it } from 'vitest';
import type { SetupName } from '../../rig/stage/setups.ts';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { type Course, findCourse } from './course.ts';

/** What a rotation may cost. Whoever adds a call must change this on purpose. */
const BUDGETS = {
  'one token': {
    createSecret: {
      'Secrets Manager': {
        DescribeSecret: 2,
        GetSecretValue: 2,
        // The first proves that the secret can be written, and changes nothing.
        PutSecretValue: 2,
      },
      GitLab: { probe: 2, rotate: 1 },
    },
    testSecret: { 'Secrets Manager': { GetSecretValue: 2 }, GitLab: { probe: 1 } },
    finishSecret: {
      'Secrets Manager': { DescribeSecret: 1, GetSecretValue: 1, UpdateSecretVersionStage: 1 },
    },
  },
  'two tokens': {
    createSecret: {
      'Secrets Manager': { DescribeSecret: 2, GetSecretValue: 2, PutSecretValue: 2 },
      GitLab: { probe: 3, reach: 2, rotate: 1 },
    },
    testSecret: { 'Secrets Manager': { GetSecretValue: 2 }, GitLab: { probe: 1 } },
    finishSecret: {
      'Secrets Manager': { DescribeSecret: 1, GetSecretValue: 1, UpdateSecretVersionStage: 1 },
      // The second finds out whether another run has revoked the token meanwhile.
      GitLab: { probe: 2 },
    },
  },
} as const satisfies Partial<Record<SetupName, object>>;

/** How many calls, by step, service and operation. */
function countsOf({ calls }: Course): object {
  const counts: Record<string, Record<string, Record<string, number>>> = {};
  for (const { step, service, operation } of calls) {
    counts[step] ??= {};
    counts[step][service] ??= {};
    const ofService = counts[step][service];
    ofService[operation] = (ofService[operation] ?? 0) + 1;
  }
  return counts;
}

describe('the calls of a rotation', () => {
  it.each([
    { setup: 'one token', chain: 9, deadChain: 5, leastMs: 420 },
    { setup: 'two tokens', chain: 11, deadChain: 0, leastMs: 580 },
  ] as const)(
    'with $setup stay within their budget, as do those that wait for each other',
    async ({ setup, chain, deadChain, leastMs }) => {
      const course = await findCourse(setup, sharedBundles());

      expect(countsOf(course)).toEqual(BUDGETS[setup]);
      expect(course.chain).toHaveLength(chain);
      expect(course.deadChain).toHaveLength(deadChain);
      // Of the simulated clock.
      expect(course.leastMs).toBe(leastMs);
    },
  );
});

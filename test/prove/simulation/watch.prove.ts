import { describe, expect, it } from 'vitest';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { CHANGES } from './course/changes.ts';
import { followMornings, nextMorning } from './course/mornings.ts';
import { DAY_MS, HOUR_MS } from './timeline/timeline.ts';
import { INTERVAL_DAYS, LIFETIME_DAYS, startWorld, type World } from './world/world.ts';

const bundles = sharedBundles();

/** Lets days pass, and Secrets Manager rotate what is due. */
async function passDays({ clock, cloud, secretId }: World, days: number): Promise<void> {
  await clock.during(clock.sleep(days * DAY_MS));
  cloud.secretsManager.runDueRotations();
  await clock.during(cloud.secretsManager.rotationEnded(secretId));
}

describe('what somebody has changed by hand', () => {
  it.each([
    // What does not rotate cannot fail, not even when its token has expired.
    ['single', 'schedule off', LIFETIME_DAYS - 10, 'ROTATION_DISABLED'],
    ['single', 'schedule off', LIFETIME_DAYS + 10, 'EXPIRED'],
    // Only the next rotation would find it.
    ['single', 'token revoked', INTERVAL_DAYS - 2, 'REVOKED'],
    ['alternating', 'token revoked', INTERVAL_DAYS - 2, 'STANDBY_DEAD'],
  ] as const)(
    '%s, %s: for %i days nobody is told without the watch; with it %s comes the next morning',
    async (strategy, name, days, code) => {
      await using world = await startWorld(strategy, bundles);
      const { clock } = world;
      await clock.still(
        Promise.resolve(CHANGES.find((change) => change.name === name)?.make(world)),
      );

      await passDays(world, days);
      const before = codesIn(world);
      const morning = nextMorning(world);
      const watches = await clock.during(followMornings(world, morning + HOUR_MS));

      expect(before).toEqual([]);
      expect(watches).toMatchObject([{ at: morning, codes: expect.arrayContaining([code]) }]);
      expect(codesIn(world)).toEqual([code]);
    },
  );
});

function codesIn({ cloud }: World): readonly (string | undefined)[] {
  return cloud.sns.messages.map(({ attributes }) => attributes['code']?.value);
}

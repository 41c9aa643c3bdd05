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

/** Somebody changes something, and tells nobody. */
async function change(world: World, what: string): Promise<void> {
  await world.clock.still(Promise.resolve(CHANGES.find(({ name }) => name === what)?.make(world)));
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
    '%s, %s: for %i days nobody is told without the watch, whose first run then says %s',
    async (strategy, name, days, code) => {
      await using world = await startWorld(strategy, bundles);
      const { clock } = world;
      await change(world, name);

      await passDays(world, days);
      const before = codesIn(world);
      const morning = nextMorning(world);
      const watches = await clock.during(followMornings(world, morning + HOUR_MS));

      expect(before).toEqual([]);
      expect(watches).toMatchObject([{ at: morning, codes: expect.arrayContaining([code]) }]);
      expect(codesIn(world)).toEqual([code]);
    },
  );

  it.each([
    ['single', 'schedule off', 'ROTATION_DISABLED'],
    ['single', 'token revoked', 'REVOKED'],
    ['alternating', 'schedule off', 'ROTATION_DISABLED'],
    ['alternating', 'token revoked', 'STANDBY_DEAD'],
  ] as const)(
    '%s, %s: the watch, which found nothing on three mornings, says %s on the next',
    async (strategy, name, code) => {
      await using world = await startWorld(strategy, bundles);

      const before = await world.clock.during(followMornings(world, 3 * DAY_MS));
      await change(world, name);
      const morning = nextMorning(world);
      const after = await world.clock.during(followMornings(world, morning + HOUR_MS));

      expect(before.map(({ codes }) => codes)).toEqual([[], [], []]);
      expect(after).toMatchObject([{ at: morning, codes: [code] }]);
      expect(morning - (before.at(-1)?.at ?? 0)).toBe(DAY_MS);
      expect(codesIn(world)).toEqual([code]);
    },
  );

  it('a token that nobody rotates any more: the watch says EXPIRED on the morning of that day', async () => {
    await using world = await startWorld('single', bundles);
    await change(world, 'schedule off');

    const mornings = await world.clock.during(followMornings(world, LIFETIME_DAYS * DAY_MS));

    // It expires at midnight, and the watch runs at six.
    const expired = mornings.filter(({ codes }) => codes.includes('EXPIRED'));
    expect(mornings).toHaveLength(LIFETIME_DAYS);
    expect(expired.map(({ at }) => at)).toEqual([LIFETIME_DAYS * DAY_MS - DAY_MS / 4]);
    expect(codesIn(world)).toHaveLength(LIFETIME_DAYS);
    expect(codesIn(world).indexOf('EXPIRED')).toBe(LIFETIME_DAYS - 1);
  });
});

function codesIn({ cloud }: World): readonly (string | undefined)[] {
  return cloud.sns.messages.map(({ attributes }) => attributes['code']?.value);
}

import { expect, it } from 'vitest';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { rotateFleet } from './fleet.ts';

it('thirty secrets that are due at once are all rotated, although calls go wrong, and none is lost', async () => {
  // With this seed, answers of GitLab are lost.
  const fleet = await rotateFleet({ secrets: 30, seed: 3, bundles: sharedBundles() });

  expect(fleet).toMatchObject({ secrets: 30, rotated: 30, lost: 0, mostInstances: 25 });
  expect(fleet.healed).toBeGreaterThan(0);
  // Without a fault, 15.
  expect(fleet.callsPerSecret).toBeGreaterThan(15);
  expect(fleet.callsPerSecret).toBeLessThan(18);
  expect(fleet.seconds.median).toBeLessThan(6);
});

it('a fleet without a recovery credential loses the token whose answer was lost, and the figures say so', async () => {
  const fleet = await rotateFleet({
    secrets: 30,
    seed: 3,
    bundles: sharedBundles(),
    setup: 'one token',
  });

  expect(fleet.lost).toBeGreaterThan(0);
  expect(fleet.rotated).toBe(30 - fleet.lost);
});

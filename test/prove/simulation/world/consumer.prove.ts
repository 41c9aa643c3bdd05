import { PutSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { sharedBundles } from '../../../rig/stage/shared-bundles.ts';
import { HOUR_MS, MINUTE_MS } from '../timeline/timeline.ts';
import { Consumer, type Habits } from './consumer.ts';
import { createToken, heldUnder, startWorld } from './world.ts';

const HABITS: Habits = {
  name: 'a program',
  cacheMs: 5 * MINUTE_MS,
  afterUnauthorized: [],
  phaseMs: 30_000,
};

const bundles = sharedBundles();

describe('a consumer', () => {
  it('calls every minute, and makes few of these calls while nothing happens', async () => {
    await using world = await startWorld('single', bundles);

    const record = await world.clock.during(new Consumer(HABITS, world).run(48 * HOUR_MS));

    expect(record).toMatchObject({ calls: 2880, unauthorized: 0, unanswered: 0, outages: [] });
    expect(record.made).toBeLessThan(5);
  });

  it('counts every call while its token is dead, and makes four of them an hour', async () => {
    await using world = await startWorld('single', bundles);
    const { clock, gitlab, tokenId, unrest } = world;

    const lost = async () => {
      await clock.sleep(10 * HOUR_MS);
      await unrest.during(async () => gitlab.revoke(tokenId));
    };
    const [, record] = await clock.during(
      Promise.all([lost(), new Consumer(HABITS, world).run(20 * HOUR_MS)]),
    );

    const from = 10 * HOUR_MS + 30_000;
    const outage = { kind: 'unauthorized', from, to: 20 * HOUR_MS, calls: 600, avoidable: 0 };
    expect(record).toMatchObject({ calls: 1200, unauthorized: 600, outages: [outage] });
    expect(record.made).toBe(1 + 4 * 10);
  });

  it('finds out when something changes in the calm, where calls are only counted', async () => {
    await using world = await startWorld('single', bundles);
    const { clock, gitlab, tokenId } = world;

    const unseen = async () => {
      await clock.sleep(10 * HOUR_MS);
      gitlab.revoke(tokenId);
    };
    const run = Promise.all([unseen(), new Consumer(HABITS, world).run(48 * HOUR_MS)]);

    await expect(clock.during(run)).rejects.toThrow(
      'an answer changed while nothing was under way',
    );
  });

  it('finds that out while its token is dead, too', async () => {
    await using world = await startWorld('single', bundles);
    const { clock, cloud, gitlab, secretId, tokenId } = world;
    gitlab.revoke(tokenId);

    const unseen = async () => {
      await clock.sleep(2 * HOUR_MS);
      const { token } = createToken(world, world.project);
      const value = { SecretId: secretId, SecretString: JSON.stringify({ token }) };
      await clock.still(cloud.operator.send(new PutSecretValueCommand(value)));
    };
    const run = Promise.all([unseen(), new Consumer(HABITS, world).run(4 * HOUR_MS)]);

    await expect(clock.during(run)).rejects.toThrow(
      'an answer changed while nothing was under way',
    );
  });

  it('is answered with 401 between the steps of a rotation, unless it tries AWSPENDING too', async () => {
    await using world = await startWorld('single', bundles);
    const { clock, cloud, gitlab, secretId, unrest } = world;
    const takes = (ms: number) => ({ times: 4, effect: { kind: 'delay', ms } as const });
    cloud.lambda.faults.add({ operation: 'Invoke', at: 'before', ...takes(1_000) });
    gitlab.faults.add({ operation: 'rotate', at: 'after', ...takes(500) });
    const rotate = async () => {
      await cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
      await cloud.secretsManager.rotationEnded(secretId);
    };
    const rotation = clock.sleep(MINUTE_MS).then(() => unrest.during(rotate));
    // GitLab rotates at 1.0 s, AWSPENDING has the new token at 1.5 s, AWSCURRENT at 4.5 s.
    const moments = [500, 1_250, 2_000, 3_000, 4_000, 5_000];
    const failedAt = async (afterUnauthorized: Habits['afterUnauthorized']) => {
      const records = await Promise.all(
        moments.map((phaseMs) =>
          new Consumer({ ...HABITS, afterUnauthorized, phaseMs }, world).run(2 * MINUTE_MS),
        ),
      );
      const failed = moments.filter((_, place) => records[place]?.unauthorized !== 0);
      const avoidable = moments.filter((_, place) => records[place]?.avoidable !== 0);
      return { failed, avoidable };
    };

    const [again, pending] = await clock.during(
      Promise.all([failedAt(['AWSCURRENT']), failedAt(['AWSPENDING', 'AWSCURRENT']), rotation]),
    );

    const late = [2_000, 3_000, 4_000];
    expect(again).toEqual({ failed: [1_250, ...late], avoidable: late });
    expect(pending).toEqual({ failed: [1_250], avoidable: [] });
  });

  it('has no answer while GitLab is down, and goes on when it is back', async () => {
    await using world = await startWorld('single', bundles);
    const { clock, gitlab, unrest } = world;

    const down = async () => {
      await clock.sleep(HOUR_MS);
      gitlab.pause();
      await clock.sleep(HOUR_MS);
      await gitlab.resume();
    };
    const [, record] = await clock.during(
      Promise.all([unrest.during(down), new Consumer(HABITS, world).run(4 * HOUR_MS)]),
    );

    expect(record).toMatchObject({ calls: 240, unauthorized: 0, unanswered: 60 });
    expect(gitlab.isActive(heldUnder(world, 'AWSCURRENT')?.token ?? '')).toBe(true);
  });
});

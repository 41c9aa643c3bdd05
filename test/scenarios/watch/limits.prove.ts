import { describe, expect, it } from 'vitest';
import { givenSecrets, startWatchRig, type WatchRig } from './watch-rig.ts';

const HUNDRED = Array.from({ length: 100 }, (_, index) => `app-${index + 1}`);

/** Lets GitLab answer so many requests in a minute, and refuse the others until it is over. */
function limitRate({ stage: { gitlab, clock } }: WatchRig, perMinute: number): () => number {
  let refused = 0;
  let minute = -1;
  let count = 0;
  const effect = {
    kind: 'run',
    run: () => {
      const now = clock.now().getTime();
      if (Math.floor(now / 60_000) !== minute) {
        minute = Math.floor(now / 60_000);
        count = 0;
      }
      count += 1;
      refused += count > perMinute ? 1 : 0;
      gitlab.settings.retryAfterSeconds =
        count > perMinute ? Math.ceil(((minute + 1) * 60_000 - now) / 1000) : undefined;
    },
  } as const;
  gitlab.faults.add({ operation: 'probe', at: 'before', times: 10_000, effect });
  return () => refused;
}

describe('a GitLab that limits the rate', () => {
  it('is asked as often as it lets the watch, and each of a hundred secrets is checked', async () => {
    await using rig = await startWatchRig();
    const secrets = await givenSecrets(rig, HUNDRED);
    const refused = limitRate(rig, 20);
    const from = rig.stage.clock.now().getTime();

    const { report } = await rig.watch({ secrets, quiet: true });

    expect(report.secrets.map(({ current }) => current).every(Boolean)).toBe(true);
    expect(report.secrets.flatMap(({ findings }) => findings.map(({ code }) => code))).toEqual(
      HUNDRED.map(() => 'ROTATION_DISABLED'),
    );
    // Those that were under way when the limit was reached, once a minute.
    expect(refused()).toBeGreaterThan(0);
    expect(refused()).toBeLessThanOrEqual(5 * 8);
    expect(rig.stage.clock.now().getTime() - from).toBeLessThan(6 * 60_000);
  });

  it('too far for the time that the watch has: it ends in time and says what it did not reach', async () => {
    await using rig = await startWatchRig({ timeoutMs: 120_000 });
    const secrets = await givenSecrets(rig, HUNDRED);
    limitRate(rig, 20);
    const from = rig.stage.clock.now().getTime();

    const { report } = await rig.watch({ secrets });

    const unchecked = report.secrets.filter(({ findings }) =>
      findings.some(({ code }) => code === 'NOT_CHECKED'),
    );
    expect(report.secrets).toHaveLength(100);
    expect(unchecked.length).toBeGreaterThan(30);
    expect(unchecked.length).toBeLessThan(80);
    expect(rig.stage.clock.now().getTime() - from).toBeLessThan(120_000);
    expect(rig.messages()).toHaveLength(1);
    expect(rig.messages()[0]?.email).toContain(`NOT_CHECKED: ${unchecked.length} secrets`);
  });
});

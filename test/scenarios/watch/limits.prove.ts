import { describe, expect, it } from 'vitest';
import { measureHeapBy } from '../../rig/clock/heap.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import { givenSecrets, startWatchRig, type WatchRig } from './watch-rig.ts';

const HUNDRED = Array.from({ length: 100 }, (_, index) => `app-${index + 1}`);

const THOUSAND = Array.from({ length: 1000 }, (_, index) => `app-${index + 1}`);

/** Two requests in a second. */
const PER_MINUTE = 120;
/** As long as a GitLab at work takes. */
const ANSWER_MS = 200;
const WITHOUT_END = Number.POSITIVE_INFINITY;

/** How a GitLab fares that limits the rate. */
interface Load {
  /** Requests that came, and those of them that were refused. */
  asked: number;
  refused: number;
  /** Requests at the same time: now, and at most so far. */
  atOnce: number;
  mostAtOnce: number;
}

/** Lets GitLab answer so many requests in a minute, and refuse the others until it is over. */
function limitRate({ stage: { gitlab, clock } }: WatchRig, perMinute: number): Load {
  const load: Load = { asked: 0, refused: 0, atOnce: 0, mostAtOnce: 0 };
  let minute = -1;
  let count = 0;
  const begin = () => {
    const now = clock.now().getTime();
    if (Math.floor(now / 60_000) !== minute) {
      minute = Math.floor(now / 60_000);
      count = 0;
    }
    count += 1;
    load.asked += 1;
    load.refused += count > perMinute ? 1 : 0;
    load.atOnce += 1;
    load.mostAtOnce = Math.max(load.mostAtOnce, load.atOnce);
    gitlab.settings.retryAfterSeconds =
      count > perMinute ? Math.ceil(((minute + 1) * 60_000 - now) / 1000) : undefined;
  };
  const end = () => {
    load.atOnce -= 1;
  };
  const always = { operation: '*', times: WITHOUT_END } as const;
  gitlab.faults.add({ ...always, at: 'before', effect: { kind: 'run', run: begin } });
  gitlab.faults.add({ ...always, at: 'after', effect: { kind: 'delay', ms: ANSWER_MS } });
  gitlab.faults.add({ ...always, at: 'after', effect: { kind: 'run', run: end } });
  return load;
}

describe('a GitLab that limits the rate', () => {
  it('lets the watch check a thousand secrets in one run, which keeps nothing of them', async () => {
    const clock = new SimulatedClock();
    const measureHeap = measureHeapBy(clock);
    await using rig = await startWatchRig({ clock });
    const secrets = await givenSecrets(rig, THOUSAND);
    const load = limitRate(rig, PER_MINUTE);
    // Twice: what a function needs to start is dropped by the second run.
    await rig.watch({ secrets: secrets.slice(0, 100), quiet: true });
    await measureHeap();
    await rig.watch({ secrets: secrets.slice(0, 100), quiet: true });
    const before = await measureHeap();
    Object.assign(load, { asked: 0, refused: 0 });
    const from = clock.now().getTime();

    const { report } = await rig.watch({ secrets, quiet: true });

    const minutes = (clock.now().getTime() - from) / 60_000;
    const after = await measureHeap();
    expect(report.secrets.map(({ name }) => name).sort()).toEqual(THOUSAND.toSorted());
    expect(report.secrets.map(({ current }) => current).every(Boolean)).toBe(true);
    expect(
      new Set(report.secrets.flatMap(({ findings }) => findings.map(({ code }) => code))),
    ).toEqual(new Set(['ROTATION_DISABLED']));
    expect(minutes).toBeLessThan(15);
    expect(load.mostAtOnce).toBe(8);
    // Once a minute, those that were under way when the limit was reached.
    expect(load.refused).toBeGreaterThan(0);
    expect(load.refused).toBeLessThanOrEqual(Math.ceil(minutes) * 8);
    expect(load.asked).toBe(1000 + load.refused);
    expect((after - before) / 900).toBeLessThan(2048);
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

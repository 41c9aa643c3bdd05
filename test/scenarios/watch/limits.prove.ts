import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../lambda/watch/run.ts';
import { type MeasureHeap, measureHeapBy } from '../../rig/clock/heap.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import { type Load, limitRate } from '../../rig/stage/limited-rate.ts';
import { givenMixture, givenSecrets, startWatchRig, type WatchRig } from './watch-rig.ts';

const HUNDRED = Array.from({ length: 100 }, (_, index) => `app-${index + 1}`);

/** So long that the schedule's event, whose limit is 256 KB as well, can just hold them. */
const THOUSAND = Array.from(
  { length: 1000 },
  (_, index) => `${'a-long-name/'.repeat(19)}app-${index + 1}`,
);

/** A hundred each. */
const BROKEN = [
  'REVOKED',
  'SECRET_MALFORMED',
  'EXPIRES_SOON',
  'SCOPE_MISSING',
  'ROTATION_DISABLED',
] as const;

/** Of one message of SNS, and of one event of EventBridge Scheduler. */
const MOST_BYTES = 262_144;
/** Requests to GitLab between two looks at the memory. */
const SAMPLE_EVERY = 50;
/** On a machine that has much else to do. */
const TIMEOUT_MS = 300_000;

/** Two requests in a second. */
const PER_MINUTE = 120;
const WITHOUT_END = Number.POSITIVE_INFINITY;

const IDLE: Load = { asked: 0, refused: 0, atOnce: 0, mostAtOnce: 0 };

/** What a run is measured with. */
interface Instruments {
  readonly load: Load;
  readonly samples: number[];
  readonly measureHeap: MeasureHeap;
}

type Run = Awaited<ReturnType<typeof runDaily>>;

const NO_MESSAGE = { subject: '', email: '', chat: '', attributes: {} };

/** What the watch has in use without garbage, again and again while it works, and when it publishes. */
function sampleHeap({ stage: { gitlab, cloud, clock } }: WatchRig, measure: MeasureHeap): number[] {
  const samples: number[] = [];
  let asked = 0;
  const sample = async () => samples.push(await clock.still(measure()));
  const seldom = () => {
    asked += 1;
    return asked % SAMPLE_EVERY === 0 ? sample() : undefined;
  };
  const always = { at: 'before', times: WITHOUT_END } as const;
  gitlab.faults.add({ ...always, operation: '*', effect: { kind: 'run', run: seldom } });
  cloud.sns.faults.add({ ...always, operation: 'Publish', effect: { kind: 'run', run: sample } });
  return samples;
}

function countsIn({ secrets }: Report): Readonly<Record<string, number>> {
  const codes = secrets.flatMap(({ findings }) => findings.map(({ code }) => code));
  return Object.fromEntries(
    [...new Set(codes)].map((code) => [code, codes.filter((each) => each === code).length]),
  );
}

/** A run as its schedule begins it, and what it took. */
async function runDaily(
  rig: WatchRig,
  secrets: readonly string[],
  { load, samples, measureHeap }: Instruments,
) {
  const { clock } = rig.stage;
  const [from, sent] = [clock.now().getTime(), rig.messages().length];
  Object.assign(load, IDLE);
  samples.length = 0;
  const event = { secrets, daily: true };
  const { report } = await rig.watch(event);
  return {
    report,
    eventBytes: Buffer.byteLength(JSON.stringify(event)),
    messages: rig.messages().slice(sent),
    minutes: (clock.now().getTime() - from) / 60_000,
    load: { ...load },
    heapDuring: Math.max(...samples),
    heapAfter: await measureHeap(),
  };
}

describe('a GitLab that limits the rate', () => {
  let small: Run;
  let large: Run;

  beforeAll(async () => {
    const clock = new SimulatedClock();
    const measureHeap = measureHeapBy(clock);
    await using rig = await startWatchRig({ clock });
    await givenMixture(rig, THOUSAND);
    // Before the limit: a request that waits for a look at the memory has not come yet.
    const samples = sampleHeap(rig, measureHeap);
    const load = limitRate(rig.stage, PER_MINUTE);
    const run = (count: number) =>
      runDaily(rig, THOUSAND.slice(0, count), { load, samples, measureHeap });
    // Twice: what a function needs to start is dropped by the second run.
    await run(100);
    small = await run(100);
    large = await run(1000);
  }, TIMEOUT_MS);

  it('lets the watch check a thousand secrets in one run, half of them broken', () => {
    const { report, minutes, load } = large;

    expect(report.secrets.map(({ name }) => name).sort()).toEqual(THOUSAND.toSorted());
    expect(countsIn(report)).toEqual(Object.fromEntries(BROKEN.map((code) => [code, 100])));
    expect(report.secrets.filter(({ standby }) => standby)).toHaveLength(100);
    expect(minutes).toBeLessThan(15);
    // Eight secrets, whose standbys are asked for beside their current tokens.
    expect(load.mostAtOnce).toBeGreaterThanOrEqual(8);
    expect(load.mostAtOnce).toBeLessThanOrEqual(16);
    // Once a minute, those that were under way when the limit was reached.
    expect(load.refused).toBeGreaterThan(0);
    expect(load.refused).toBeLessThanOrEqual(Math.ceil(minutes) * load.mostAtOnce);
    // Of ten secrets, one holds no token, one is looked at twice, and one takes four requests.
    expect(load.asked).toBe(1300 + load.refused);
  });

  it('lets it tell of all that are broken in one message, which SNS takes', () => {
    const { eventBytes, messages } = large;
    const [{ subject, email, chat, attributes } = NO_MESSAGE, ...more] = messages;

    expect(eventBytes).toBeLessThan(MOST_BYTES);
    expect(more).toEqual([]);
    expect(subject).toBe('[gitlab-token-rotation] REVOKED: 500 of 1000 secrets need somebody');
    expect(attributes).toEqual({ code: 'REVOKED', risk: 'consumers', step: 'watch' });
    // Eight of each.
    expect(email.match(/app-\d+/g)).toHaveLength(BROKEN.length * 8);
    for (const code of BROKEN) {
      expect(email).toContain(`${code}: 100 secrets`);
    }
    expect(Buffer.byteLength(JSON.stringify({ default: chat, email }))).toBeLessThan(MOST_BYTES);
  });

  it('lets it hold little more than the report of each secret, during the run and after it', () => {
    const more = THOUSAND.length - 100;

    expect((large.heapDuring - small.heapDuring) / more).toBeLessThan(8192);
    // The local Lambda still has the event and the answer.
    expect((large.heapAfter - small.heapAfter) / more).toBeLessThan(8192);
  });

  it('too far for the time that the watch has: it ends in time and says what it did not reach', async () => {
    await using rig = await startWatchRig({ timeoutMs: 120_000 });
    const secrets = await givenSecrets(rig, HUNDRED);
    limitRate(rig.stage, 20);
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

import { describe, expect, it } from 'vitest';
import { startStandIn } from '../../../infra/local/server/stand-in.ts';
import { startRig } from '../local/lambda-rig.ts';
import { SimulatedClock } from './simulated-clock.ts';

const START = new Date('2028-02-29T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a function sees of time, before and after a pause. */
const SLEEPER = `
import { setTimeout as sleep } from 'node:timers/promises';
export const handler = async ({ ms }, context) => {
  const look = () => [new Date().toISOString(), context.getRemainingTimeInMillis()];
  const since = performance.now();
  const before = look();
  await sleep(ms);
  return { before, after: look(), elapsedMs: Math.round(performance.now() - since) };
};
`;

/** Waits for an answer, for as long as AbortSignal.timeout lets it. */
const CALLER = `
export const handler = async ({ url, timeoutMs }) => {
  const from = Date.now();
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, afterMs: Date.now() - from };
  } catch (error) {
    return { error: error.name, afterMs: Date.now() - from };
  }
};
`;

describe('a simulated clock', () => {
  it('stands still until somebody lets time pass', async () => {
    const clock = new SimulatedClock(START);
    let woken = false;
    const sleep = clock.sleep(DAY_MS).then(() => {
      woken = true;
    });

    await new Promise((resolve) => setTimeout(resolve, 20));

    expect([woken, clock.now()]).toEqual([false, START]);
    await clock.during(sleep);
    expect([woken, clock.now()]).toEqual([true, new Date('2028-03-01T12:00:00Z')]);
  });

  it('stands still while a call of this process is on its way, however long that takes', async () => {
    const clock = new SimulatedClock(START);
    const call = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return clock.now();
    };

    const [answeredAt] = await clock.during(
      Promise.all([clock.still(call()), clock.sleep(HOUR_MS)]),
    );

    expect(answeredAt).toEqual(START);
  });

  it('goes on after a call that failed', async () => {
    const clock = new SimulatedClock(START);
    const call = clock.still(Promise.reject(new Error('refused')));

    await expect(clock.during(call)).rejects.toThrow('refused');

    await clock.during(clock.sleep(HOUR_MS));
  });

  it('wakes who sleeps in the order of their times', async () => {
    const clock = new SimulatedClock(START);
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name} ${(clock.now().getTime() - START.getTime()) / HOUR_MS}`);
    };

    await clock.during(
      Promise.all([
        sleeper('late', 3 * HOUR_MS),
        sleeper('early', HOUR_MS),
        sleeper('mid', 2 * HOUR_MS),
      ]),
    );

    expect(woken).toEqual(['early 1', 'mid 2', 'late 3']);
  });

  it('lets nobody sleep on once the signal aborts', async () => {
    const clock = new SimulatedClock(START);
    const aborted = new AbortController();
    aborted.abort();

    await clock.sleep(DAY_MS, aborted.signal);

    expect(clock.now()).toEqual(START);
  });

  it('passes on how the work ended', async () => {
    const clock = new SimulatedClock(START);

    await expect(clock.during(Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(clock.during(Promise.resolve('yes'))).resolves.toBe('yes');
  });

  it('is known to a function from its first line on, although nobody lets time pass', async () => {
    const clock = new SimulatedClock(START);
    await using rig = await startRig('export const handler = async () => new Date();', { clock });

    const { payload } = await rig.invoke();

    expect(payload).toBe('2028-02-29T12:00:00.000Z');
  });

  it('is the clock of a function too: its date, its timers, its deadline', async () => {
    const clock = new SimulatedClock(START);
    await using rig = await startRig(SLEEPER, { clock, timeoutMs: 60_000 });

    const { payload } = await clock.during(rig.invoke({ ms: 45_000 }));

    expect(payload).toEqual({
      before: ['2028-02-29T12:00:00.000Z', 60_000],
      after: ['2028-02-29T12:00:45.000Z', 15_000],
      elapsedMs: 45_000,
    });
  });

  it('fires a timer of any length, also between two milliseconds', async () => {
    const clock = new SimulatedClock(START);
    await using rig = await startRig(SLEEPER, { clock });

    for (const ms of [0, 0.3, 1.5]) {
      const from = clock.now().toISOString();
      const { payload } = await clock.during(rig.invoke({ ms }));

      expect(payload).toMatchObject({ before: [from, 60_000] });
    }
  });

  it('tells callers the time by which the servers live', async () => {
    const clock = new SimulatedClock(START);
    await using server = await startStandIn({
      clock,
      operationOf: () => 'any',
      answer: () => ({ status: 200, body: '' }),
    });

    const { headers } = await clock.during(fetch(server.url));

    expect(headers.get('date')).toBe(START.toUTCString());
  });

  it('ends a function whose time is up', async () => {
    const clock = new SimulatedClock(START);
    await using rig = await startRig(SLEEPER, { clock, timeoutMs: 60_000 });

    const { payload } = await clock.during(rig.invoke({ ms: HOUR_MS }));

    expect(payload).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(clock.now()).toEqual(new Date('2028-02-29T12:01:00Z'));
  });

  it.each([
    ['waits for a slow server', { kind: 'delay', ms: 9000 }, { status: 200, afterMs: 9000 }],
    [
      'gives up on a slower one',
      { kind: 'delay', ms: 11_000 },
      { error: 'TimeoutError', afterMs: 10_000 },
    ],
    ['gives up on a silent one', { kind: 'hang' }, { error: 'TimeoutError', afterMs: 10_000 }],
  ] as const)('a function %s', async (_, effect, expected) => {
    const clock = new SimulatedClock(START);
    await using server = await startStandIn({
      clock,
      operationOf: () => 'any',
      answer: () => ({ status: 200, body: '' }),
    });
    await using rig = await startRig(CALLER, { clock });
    server.faults.add({ operation: 'any', at: 'before', effect });

    const { payload } = await clock.during(rig.invoke({ url: server.url, timeoutMs: 10_000 }));

    expect(payload).toEqual(expected);
  });

  it('stands still while a function computes', async () => {
    const clock = new SimulatedClock(START);
    await using rig = await startRig(
      `export const handler = async () => {
        let sum = 0;
        for (let i = 0; i < 5e8; i += 1) sum += i;
        return new Date().toISOString();
      };`,
      { clock, timeoutMs: 1000 },
    );

    const { payload } = await clock.during(rig.invoke());

    expect(payload).toBe(START.toISOString());
  });

  it('passes without a function that has answered, until it is called again', async () => {
    const clock = new SimulatedClock(START);
    const calledAt: Date[] = [];
    await using server = await startStandIn({
      clock,
      operationOf: () => 'any',
      answer: () => {
        calledAt.push(clock.now());
        return { status: 200, body: '' };
      },
    });
    await using rig = await startRig(
      `export const handler = async ({ url }) => {
        if (url) setTimeout(() => void fetch(url), 1000);
        else await new Promise((resolve) => setTimeout(resolve, 1000));
      };`,
      { clock },
    );

    await clock.during(rig.invoke({ url: server.url }));
    await clock.during(clock.sleep(HOUR_MS));
    const callsBefore = calledAt.length;
    await clock.during(rig.invoke({}));

    // As in Lambda, which freezes a sandbox between two invocations.
    expect(callsBefore).toBe(0);
    expect(calledAt).toEqual([new Date('2028-02-29T13:00:00Z')]);
  });

  it('goes on when a function is killed', async () => {
    const clock = new SimulatedClock(START);
    await using rig = await startRig(SLEEPER, { clock });
    const killed = clock.sleep(1000).then(() => rig.lambda.kill());

    const { payload } = await clock.during(rig.invoke({ ms: HOUR_MS }));

    await killed;
    expect(payload).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(clock.now()).toEqual(new Date('2028-02-29T12:00:01Z'));
  });

  it('makes everybody late when time jumps', async () => {
    const clock = new SimulatedClock(START);
    await using rig = await startRig(SLEEPER, { clock, timeoutMs: 120_000 });
    const jumped = clock.sleep(1000).then(() => clock.jump(60_000));

    const { payload } = await clock.during(rig.invoke({ ms: 2000 }));

    await jumped;
    expect(payload).toMatchObject({ elapsedMs: 61_000 });
  });
});

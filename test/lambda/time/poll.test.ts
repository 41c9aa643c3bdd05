import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
import {
  NOT_YET,
  ONCE,
  poll,
  retryTransient,
  retryWhileUnavailable,
} from '../../../lambda/time/poll.ts';

/** A clock whose only passing of time is sleep, and the time that it leaves of 60 s. */
function fakeTime() {
  const pauses: number[] = [];
  let remaining = 60_000;
  return {
    pauses,
    now: () => new Date(0),
    sleep: async (ms: number) => {
      pauses.push(ms);
      remaining -= ms;
    },
    remainingMs: () => remaining,
  };
}

describe('poll', () => {
  it('returns the first answer without a pause', async () => {
    const time = fakeTime();

    const answer = await poll(time, 0, async () => 'now');

    expect(answer).toBe('now');
    expect(time.pauses).toEqual([]);
  });

  it('doubles its pauses up to four seconds', async () => {
    const time = fakeTime();
    const answers = [NOT_YET, NOT_YET, NOT_YET, NOT_YET, NOT_YET, NOT_YET, 'at last'];

    const answer = await poll(time, 0, async () => answers.shift() ?? NOT_YET);

    expect(answer).toBe('at last');
    expect(time.pauses).toEqual([250, 500, 1000, 2000, 4000, 4000]);
  });

  it('waits as long as the other side asks', async () => {
    const time = fakeTime();
    const answers = [{ notYet: true as const, waitMs: 7_000 }, 'at last'];

    await poll(time, 0, async () => answers.shift() ?? NOT_YET);

    expect(time.pauses).toEqual([7_000]);
  });

  it('shortens the last pause, so that the last attempt begins when the reserve is left', async () => {
    const time = fakeTime();

    const answer = await poll(time, 58_000, async () => NOT_YET);

    expect(answer).toBeUndefined();
    expect(time.pauses).toEqual([250, 500, 1000, 250]);
  });

  it('gives up where the time left is less than the shortest pause', async () => {
    const time = fakeTime();

    const answer = await poll(time, 59_050, async () => NOT_YET);

    expect(answer).toBeUndefined();
    expect(time.pauses).toEqual([250, 500]);
  });

  it('does not wait for less than the other side asks', async () => {
    const time = fakeTime();

    const answer = await poll(time, 55_000, async () => ({
      notYet: true as const,
      waitMs: 5_001,
    }));

    expect(answer).toBeUndefined();
    expect(time.pauses).toEqual([]);
  });

  it('makes the first attempt however late it is', async () => {
    const time = fakeTime();

    const answer = await poll(time, 100_000, async () => 'in time');

    expect(answer).toBe('in time');
  });

  it('makes no other one where it may ask once', async () => {
    const time = fakeTime();

    expect(await poll(time, ONCE, async () => NOT_YET)).toBeUndefined();

    expect(time.pauses).toEqual([]);
  });
});

describe('retryTransient', () => {
  it.each([
    ['unreachable', { kind: 'unreachable' }, 250],
    ['limiting the rate', { kind: 'rate-limited', retryAfterMs: 7_000 }, 7_000],
    ['limiting the rate for an unknown time', { kind: 'rate-limited' }, 250],
  ])('asks again while the answer is transient: %s', async (_what, transient, pause) => {
    const time = fakeTime();
    const answers = [transient, { kind: 'refused' }];

    const answer = await retryTransient(time, 0, async () => answers.shift() ?? transient);

    expect(answer).toEqual({ kind: 'refused' });
    expect(time.pauses).toEqual([pause]);
  });

  it('returns the last transient answer when time is up', async () => {
    const time = fakeTime();
    const answers = [{ kind: 'unreachable' }, { kind: 'rate-limited', retryAfterMs: 60_000 }];

    const answer = await retryTransient(time, 0, async () => answers.shift() as never);

    expect(answer).toEqual({ kind: 'rate-limited', retryAfterMs: 60_000 });
    expect(time.pauses).toEqual([250]);
  });
});

describe('retryWhileUnavailable', () => {
  it('gives a call ten seconds, and at the end what the alert does not need', async () => {
    const time = fakeTime();
    const waits: number[] = [];
    const call = async (timeoutMs: number) => {
      waits.push(timeoutMs);
      await time.sleep(26_500);
      throw new RotationError('STORE_UNAVAILABLE', 'away');
    };

    await expect(retryWhileUnavailable(time, 5_000, call)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });

    expect(waits).toEqual([10_000, 10_000, 4_250]);
  });

  it('calls once where Secrets Manager refuses', async () => {
    const time = fakeTime();
    const call = () => Promise.reject(new RotationError('STORE_DENIED', 'no'));

    await expect(retryWhileUnavailable(time, 0, call)).rejects.toMatchObject({
      code: 'STORE_DENIED',
    });

    expect(time.pauses).toEqual([]);
  });
});

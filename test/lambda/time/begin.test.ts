import { describe, expect, it } from 'vitest';
import { begin } from '../../../lambda/time/begin.ts';

describe('a call that is begun before its answer is needed', () => {
  it('is made at once, and gives its answer the first time', async () => {
    const timeouts: number[] = [];
    const call = begin(async (timeoutMs) => timeouts.push(timeoutMs), 10);
    expect(timeouts).toEqual([10]);

    await expect(call(20)).resolves.toBe(1);
    expect(timeouts).toEqual([10]);
  });

  it('is made anew when it is called again', async () => {
    const timeouts: number[] = [];
    const call = begin(async (timeoutMs) => timeouts.push(timeoutMs), 10);
    await call(20);

    await expect(call(30)).resolves.toBe(2);
    expect(timeouts).toEqual([10, 30]);
  });

  it('fails where it is asked for, and harms nobody who does not ask', async () => {
    const failure = new Error('no answer');
    const call = begin(() => Promise.reject(failure), 10);
    // An unhandled rejection would end the test run by now.
    await new Promise(setImmediate);

    await expect(call(20)).rejects.toBe(failure);
  });
});

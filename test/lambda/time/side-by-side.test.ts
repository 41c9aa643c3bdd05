import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { early, sideBySide } from '../../../lambda/time/side-by-side.ts';

const fail = async (ms: number, message: string) => {
  await wait(ms);
  throw new Error(message);
};

describe('calls side by side', () => {
  it('give their answers in order', async () => {
    const answers = sideBySide([wait(2, 'first'), undefined, wait(1, 'third')]);

    await expect(answers).resolves.toEqual(['first', undefined, 'third']);
  });

  it('have all ended when one fails, and the first of the list is told', async () => {
    const ended: string[] = [];
    const slow = wait(4).then(() => ended.push('slow'));

    await expect(sideBySide([fail(2, 'first'), fail(1, 'second'), slow])).rejects.toThrow('first');
    expect(ended).toEqual(['slow']);
  });
});

describe('an early call', () => {
  it('is made at once, and gives its answer once', async () => {
    const timeouts: number[] = [];
    const call = await early(async (timeoutMs) => timeouts.push(timeoutMs), 10);
    expect(timeouts).toEqual([10]);

    expect([await call(20), await call(30)]).toEqual([1, 2]);
    expect(timeouts).toEqual([10, 30]);
  });

  it('fails where it is needed, and then is made anew', async () => {
    const answers = [fail(1, 'no answer'), Promise.resolve('answer')];
    const call = await early(() => answers.shift() ?? fail(0, 'too often'), 10);

    await expect(call(20)).rejects.toThrow('no answer');
    await expect(call(30)).resolves.toBe('answer');
  });
});

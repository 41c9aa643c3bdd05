import { describe, expect, it } from 'vitest';
import { callsInDeadWindow, longestChain } from './chain.ts';
import type { TimedCall } from './timed-calls.ts';

function call(operation: string, begin: number, end: number): TimedCall {
  return { step: 'createSecret', service: 'GitLab', operation, begin, end };
}

function names(calls: readonly TimedCall[]): string {
  return calls.map(({ operation }) => operation).join(' ');
}

describe('the longest chain of calls', () => {
  it.each([
    ['of none is empty', [], ''],
    ['counts what comes one after another', [call('a', 0, 20), call('b', 20, 40)], 'a b'],
    ['counts once what goes side by side', [call('a', 0, 20), call('b', 0, 20)], 'a'],
    [
      'does not count what began before the other ended',
      [call('a', 0, 20), call('b', 19, 99)],
      'a',
    ],
    [
      'takes the side with more calls, not that which takes longer',
      [call('slow', 0, 80), call('a', 0, 20), call('b', 20, 40), call('last', 80, 100)],
      'a b last',
    ],
    [
      'does not care in which order the calls were noted',
      [call('b', 30, 40), call('a', 0, 20), call('c', 50, 60)],
      'a b c',
    ],
  ])('%s', (_, calls, expected) => {
    expect(names(longestChain(calls))).toBe(expected);
  });
});

describe('the calls in the dead window', () => {
  const calls = [call('probe', 0, 80), call('rotate', 80, 160), call('put', 160, 180)];
  const move = call('move', 200, 220);
  const late = call('late', 220, 240);

  it('are those after the one by which GitLab revokes, to the one that moves the label', () => {
    const deadWindow = { begin: 80, end: 200 };

    expect(names(callsInDeadWindow({ calls: [...calls, move, late], deadWindow }))).toBe(
      'put move',
    );
  });

  it('are none where the token was active all the time', () => {
    expect(callsInDeadWindow({ calls })).toEqual([]);
  });
});

import type { Recorded, TimedCall } from './timed-calls.ts';

/**
 * The longest row of calls that were made one after another: each began after the one before it had
 * its answer.
 */
export function longestChain(calls: readonly TimedCall[]): readonly TimedCall[] {
  const chains: (readonly TimedCall[])[] = [];
  for (const call of calls.toSorted((one, other) => one.begin - other.begin)) {
    const before = chains.filter((chain) => (chain.at(-1)?.end ?? Number.NaN) <= call.begin);
    chains.push([...longest(before), call]);
  }
  return longest(chains);
}

/** The calls that consumers waited for: those that began after GitLab had revoked their token. */
export function callsInDeadWindow({ calls, deadWindow }: Recorded): readonly TimedCall[] {
  if (deadWindow === undefined) {
    return [];
  }
  return calls.filter(({ begin }) => begin > deadWindow.begin && begin <= deadWindow.end);
}

function longest<T>(chains: readonly (readonly T[])[]): readonly T[] {
  return chains.reduce((best, chain) => (chain.length > best.length ? chain : best), []);
}

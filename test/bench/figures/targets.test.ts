import { describe, expect, it } from 'vitest';
import { FIGURES } from './given-figures.ts';
import { hasLost, isMet, targetsOf } from './targets.ts';

const { fleet } = FIGURES;
const [first, ...others] = fleet.fleets;
/** A fleet in which one token was lost. */
const LOSSY = {
  ...FIGURES,
  fleet: { ...fleet, fleets: [...(first ? [{ ...first, rotated: 0, lost: 1 }] : []), ...others] },
};

/** By name, whether each target is met. */
function verdicts(figures: typeof FIGURES): object {
  return Object.fromEntries(targetsOf(figures).map((target) => [target.name, isMet(target)]));
}

describe('the targets', () => {
  it('are met or missed by the medians', () => {
    expect(verdicts(FIGURES)).toEqual({
      "size, to the user's": true,
      "import time, to the user's": true,
      'a rotation, one token': true,
      'one after another while the token is revoked, one token': true,
      'own code, one token': true,
      'a rotation, two tokens': false,
      'one after another while the token is revoked, two tokens': true,
      'own code, two tokens': false,
      'not rotated': true,
      lost: true,
      'calls for each of 1000 secrets, to those of 10': true,
      'seconds for each of 1000 secrets, to those of 10': true,
      'kept of each invocation': true,
    });
  });

  it('are those of the parts that were measured', () => {
    const { bundle } = FIGURES;

    expect(targetsOf({ bundle })).toHaveLength(2);
  });

  it('are missed by one token that is lost, of which the command knows', () => {
    expect(verdicts(LOSSY)).toMatchObject({ lost: false, 'not rotated': false });
    expect([hasLost(FIGURES), hasLost({}), hasLost(LOSSY)]).toEqual([false, false, true]);
  });
});

import { describe, expect, it } from 'vitest';
import { FAULTS, findFault } from '../../../../infra/local/demo/demo-faults.ts';
import { EXPECTED, expectEnding } from './fault-endings.ts';

/** One of each kind: in the function, on the way to GitLab, of the token, on the way to a person. */
const KINDS = ['function-killed', 'gitlab-down', 'token-revoked', 'topic-refuses'];

// All the others: demo-faults.prove.ts.
describe('npm start -- --fault', () => {
  it.each(KINDS)('%s ends as it must, and never presents a dead token', expectEnding);

  it('has faults of which each is known to end somehow', () => {
    expect(Object.keys(FAULTS).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it('names the faults that there are when it does not know one', () => {
    expect(() => findFault('nope')).toThrow(/there is no fault "nope"; there are answer-lost, /);
  });
});

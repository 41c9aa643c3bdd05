import fc from 'fast-check';
import { afterAll } from 'vitest';

// Every mutant runs its tests anew: what survives this much rarely falls to more. With one seed, the
// same mutants fall in each run.
fc.configureGlobal({ seed: 1, numRuns: 30, interruptAfterTimeLimit: 400 });

// The thread goes on with the next file, or the next mutant: its modules are loaded without this one.
afterAll(() => {
  Object.assign(Reflect.get(globalThis, '__stryker__'), { activeMutant: undefined });
});

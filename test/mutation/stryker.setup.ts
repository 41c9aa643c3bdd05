import fc from 'fast-check';

// Every mutant runs its tests anew: what survives this much rarely falls to more.
fc.configureGlobal({ numRuns: 30, interruptAfterTimeLimit: 400 });

import fc from 'fast-check';

// Every mutant runs its tests anew: what survives this many texts rarely falls to more.
fc.configureGlobal({ numRuns: 30 });

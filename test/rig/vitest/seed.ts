import fc from 'fast-check';

// What is sampled goes by one seed, which the closing line of a run tells.
fc.configureGlobal({ seed: Number(process.env['SEED']) });

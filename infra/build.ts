// `npm run build [-- <folder>]`: the bundle that is deployed, in dist/lambda unless told otherwise.

import { join, resolve } from 'node:path';
import { bundleLambda } from './bundling.ts';

const outdir = resolve(process.argv[2] ?? join(import.meta.dirname, '..', 'dist', 'lambda'));
bundleLambda(outdir);

import { join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** Where the Lambda's code lives. */
export const LAMBDA_FOLDER = join(ROOT, 'lambda');

/**
 * Bundles the Lambda with all of its dependencies into `<outdir>/index.mjs`,
 * whose export `handler` is the function.
 *
 * `npm run build`, `npm start` and the deployment all come through here, so what
 * is tried on one machine is byte for byte what runs on AWS. The SDK is in the
 * bundle too: that loads faster than the runtime's own copy, and is the version
 * that was tested.
 *
 * @param entry the module that exports `handler`
 * @throws {Error} what esbuild reports, which it has also written to stderr
 */
export function bundleLambda(outdir: string, entry = join(LAMBDA_FOLDER, 'index.ts')): void {
  buildSync({
    // The bundle names its sources in comments: relative to here, it does not
    // depend on where the build was started.
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: join(outdir, 'index.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules first, of which more of what is not used can be left out.
    mainFields: ['module', 'main'],
    // Names appear in logs and alerts. For the same reason nothing is minified,
    // and a source map, which would slow every cold start, has nothing to add.
    keepNames: true,
    // The dependencies' licences ask that their notices stay.
    legalComments: 'eof',
    // undici is CommonJS; without a `require` the bundle fails on its first import.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

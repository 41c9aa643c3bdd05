import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import { replaceFile } from './replace-file.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Where the Lambda's code lives. */
export const LAMBDA_FOLDER = join(ROOT, 'lambda');

/**
 * Bundles the Lambda with all of its dependencies into `<outdir>/index.mjs`,
 * whose export `handler` is the function.
 *
 * `npm run build` and `npm start` come through here, and a deployment takes what
 * the former made, so what is tried on one machine is byte for byte what runs on
 * AWS. The SDK is in the bundle too: that loads faster than the runtime's own
 * copy, and is the version that was tested.
 *
 * @param entry the module that exports `handler`
 * @returns what is in the bundle
 * @throws {Error} what esbuild reports, which it has also written to stderr
 */
export function bundleLambda(outdir: string, entry = join(LAMBDA_FOLDER, 'index.ts')): Metafile {
  const { metafile, outputFiles } = buildSync({
    // The bundle names its sources in comments: relative to here, it does not
    // depend on where the build was started.
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: join(outdir, 'index.mjs'),
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules first, of which more of what is not used can be left out.
    mainFields: ['module', 'main'],
    alias: { '#package.json': identity() },
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
  for (const { path, contents } of outputFiles) {
    replaceFile(path, contents);
  }
  return metafile;
}

/**
 * Of package.json only what the function reads of it, as a URL. With all of it, a new version of a
 * development dependency would change the bundle, and so deploy the function again.
 */
function identity(): string {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return `data:application/json,${JSON.stringify({ name, version })}`;
}

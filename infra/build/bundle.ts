import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import { replaceFile } from './replace-file.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Packages of which the function uses a small part, and that part. */
const LEAN = {
  '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lean', 'credentials.js'),
  undici: join(import.meta.dirname, 'lean', 'undici.js'),
};

/** Where the Lambda's code lives. */
export const LAMBDA_FOLDER = join(ROOT, 'lambda');

/**
 * Bundles the Lambda with all of its dependencies into `<outdir>/index.cjs`,
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
    outfile: join(outdir, 'index.cjs'),
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // Node loads its own modules faster through `require` than through `import`.
    format: 'cjs',
    // ES modules first, of which more of what is not used can be left out.
    mainFields: ['module', 'main'],
    alias: { '#package.json': identity(), ...LEAN },
    // Not minified, so that stacks can be read, and without a source map: it would slow every cold start.
    minify: false,
    // The dependencies' licences ask that their notices stay.
    legalComments: 'eof',
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

import { join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import { replaceFile } from './replace-file.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Compiles the construct for other people's apps into `<outdir>/index.js`.
 *
 * CommonJS is what every CDK app can load: those with `import`, those with `require` on a Node
 * before 20.19, and jest. One file, in which only CDK itself is left out.
 *
 * @returns what is in it
 * @throws {Error} what esbuild reports, which it has also written to stderr
 */
export function compileConstruct(outdir: string): Metafile {
  const { metafile, outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'infra', 'index.ts')],
    outfile: join(outdir, 'index.js'),
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    // The oldest Node that CDK runs on.
    target: 'node20',
    format: 'cjs',
    external: ['aws-cdk-lib', 'constructs'],
    // From infra/construct/ and from dist/construct/ alike, ../../dist/lambda is the bundle.
    define: { 'import.meta.dirname': '__dirname' },
    legalComments: 'eof',
  });
  for (const { path, contents } of outputFiles) {
    replaceFile(path, contents);
  }
  // The project is ESM; Node and TypeScript take what is below this file for CommonJS.
  replaceFile(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  return metafile;
}

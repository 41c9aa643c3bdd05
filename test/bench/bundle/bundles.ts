import { statSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import { bundleLambda } from '../../../infra/build/bundle.ts';

const USERS_ROTATOR = join(import.meta.dirname, 'users-rotator.ts');

/** Whose code rotates. */
export type Rotator = 'ours' | 'users';
export const ROTATORS = ['ours', 'users'] as const satisfies readonly Rotator[];

/** A rotator in one file, as it is deployed. */
export interface Bundle {
  readonly path: string;
  readonly bytes: number;
  /** Files of source in it, packages included. */
  readonly modules: number;
}

export type Bundles = Readonly<Record<Rotator, Bundle>>;

/** Builds what is deployed, and the user's rotator as CDK's NodejsFunction would. */
export function buildBundles(folder: string): Bundles {
  const ours = join(folder, 'ours');
  return {
    ours: describe(join(ours, 'index.cjs'), bundleLambda(ours)),
    users: bundleUsersRotator(join(folder, 'users')),
  };
}

/**
 * NodejsFunction calls esbuild with just these options for a function on Node 24, if it is told
 * `bundleAwsSDK`. Without that it leaves the SDK out, and the function loads the copy of Lambda's
 * runtime: that changes without a deployment, and cannot be measured here.
 */
export function bundleUsersRotator(outdir: string): Bundle {
  // NodejsFunction names it index.js; below a package.json of ES modules, Node wants this name.
  const outfile = join(outdir, 'index.cjs');
  const { metafile } = buildSync({
    entryPoints: [USERS_ROTATOR],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    metafile: true,
  });
  return describe(outfile, metafile);
}

function describe(path: string, { inputs }: Metafile): Bundle {
  return { path, bytes: statSync(path).size, modules: Object.keys(inputs).length };
}

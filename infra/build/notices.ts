import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package that is, in part, in something that was built. */
interface Package {
  /** With its version and the name of its licence. */
  readonly title: string;
  readonly license: string;
  /** Its own licence and notices. */
  readonly text?: string;
}

const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const NOTICE_FILE = /^(?:licen[cs]e|notice|copying)/i;

/**
 * The licences of all packages that are in what was built.
 *
 * @param root where the paths of the metafiles begin
 * @throws {Error} when a package says nowhere what its licence is
 */
export function noticesFor(root: string, built: readonly Metafile[]): string {
  const packages = packageFolders(built).map((folder) => readPackage(join(root, folder)));
  const titles = new Map<string, string[]>();
  for (const { title, license, text = textOf(license, packages) } of packages) {
    if (text === undefined) {
      throw new Error(`${title} has no licence file: infra/build/notices.ts needs its text`);
    }
    titles.set(text, [...(titles.get(text) ?? []), title]);
  }
  const chapters = [...titles].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  const line = `\n${'-'.repeat(80)}\n\n`;
  return ['This package contains code of the following packages.\n', ...chapters].join(line);
}

function packageFolders(built: readonly Metafile[]): string[] {
  const inputs = built
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap((output) => Object.entries(output.inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const folders = inputs.flatMap(([path]) => PACKAGE_FOLDER.exec(path) ?? []);
  return [...new Set(folders)].sort();
}

function readPackage(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => NOTICE_FILE.test(file));
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  const title = `${name} ${version} (${license})`;
  return { title, license, ...(text !== '' && { text }) };
}

/** Some packages of the SDK come without a file, under the licence of the others. */
function textOf(license: string, packages: readonly Package[]): string | undefined {
  return packages.find((other) => other.license === license && other.text !== undefined)?.text;
}

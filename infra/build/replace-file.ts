import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file, and its folder where there is none. Who reads it meanwhile sees all of the old or
 * all of the new one, and in its folder never another file: a folder may be what is deployed.
 */
export function replaceFile(path: string, contents: string | Uint8Array): void {
  const folder = dirname(path);
  const temporary = `${folder}-${process.pid}.tmp`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file, and its folder where there is none. Who reads it meanwhile sees all of the old or
 * all of the new one, and in its folder never another file: a folder may be what is deployed.
 *
 * Whatever the umask, everybody may read it: archives keep the mode, and Lambda is somebody else.
 */
export function replaceFile(path: string, contents: string | Uint8Array): void {
  const folder = dirname(path);
  const temporary = `${folder}-${process.pid}.tmp`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(temporary, contents);
  chmodSync(temporary, 0o644);
  renameSync(temporary, path);
}

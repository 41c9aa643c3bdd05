import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the time that it is needed; it also goes when the process exits before. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

const folders = new Set<string>();

process.once('exit', () => folders.forEach(remove));

export function createTemporaryFolder(prefix: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  folders.add(path);
  return { path, [Symbol.dispose]: () => remove(path) };
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
  folders.delete(path);
}

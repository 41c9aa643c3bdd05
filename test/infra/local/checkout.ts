import { cpSync, symlinkSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/**
 * A checkout of its own: where the command keeps tokens is fixed, and a person has some there.
 *
 * @param more - folders beside those of the command
 */
export async function checkOut(...more: readonly string[]) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'checkout-'));
  for (const name of ['infra', 'lambda', 'package.json', ...more]) {
    cpSync(join(ROOT, name), join(folder.path, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
  return folder;
}

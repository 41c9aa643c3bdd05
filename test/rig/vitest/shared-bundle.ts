import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleLambda } from '../../../infra/build/bundle.ts';

/**
 * The path of a bundle that all tests of a run share: whoever asks first builds it. It lies in the
 * run's own temporary folder, which is removed at the end. One path for all also means that each
 * process finds in Node's compile cache what the first has compiled.
 *
 * @param entry the module that exports `handler` @default - the function that is deployed
 */
export function sharedBundle(name = 'ours', entry?: string): string {
  const folder = join(tmpdir(), `bundle-${name}`);
  if (!existsSync(folder)) {
    const own = mkdtempSync(`${folder}-`);
    bundleLambda(own, entry);
    try {
      renameSync(own, folder);
    } catch {
      // Another worker was faster: what it has built is the same.
    }
  }
  return join(folder, 'index.cjs');
}

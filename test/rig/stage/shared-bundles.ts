import { sharedBundle } from '../vitest/shared-bundle.ts';
import { ENTRIES } from './setups.ts';
import type { Bundles } from './stage.ts';

/** The bundles of the rotators for tests: each is built once in a run, when it is first asked for. */
export function sharedBundles(): Bundles {
  return {
    of: {
      get ours() {
        return sharedBundle('ours', ENTRIES.ours);
      },
      get textbook() {
        return sharedBundle('textbook', ENTRIES.textbook);
      },
    },
  };
}

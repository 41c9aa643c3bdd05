import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setToolSettingsAside } from '../../../infra/terminal/tool-settings.ts';

/**
 * Gives a run of tests a seed, and a temporary folder of its own; removes that with all that is left
 * in it: CDK makes one for every app, and who is stopped cleans nothing up. What
 * a person has set for the AWS CLI and for proxies stays outside.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'gitlab-token-rotation-tests-'));
  setToolSettingsAside();
  // What is sampled goes by it: SEED=<seed> npm test samples the same again.
  process.env['SEED'] ??= String(randomInt(2 ** 31));
  // Before the workers start, which inherit it, as do the programs that they start.
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

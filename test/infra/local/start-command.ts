import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPILE_CACHE } from '../../rig/vitest/compile-cache.ts';

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as `npm start` does, with nobody at the keyboard. */
export function npmStart(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const script = join(import.meta.dirname, '..', '..', '..', 'infra', 'local', 'start.ts');
  const { PATH = '', TMPDIR = tmpdir() } = process.env;
  return new Promise<Result>((resolve) => {
    const child = execFile(
      process.execPath,
      [script, ...args],
      { env: { PATH, TMPDIR, ...COMPILE_CACHE, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addToken, type RealGitLab, rotateReal, startRealGitLab } from './real-gitlab.ts';

let folder: string;
let stateFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'real-rotation-'));
  stateFile = join(folder, 'secrets.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function run(gitlab: RealGitLab, token?: string) {
  const env = token === undefined ? {} : { GITLAB_TOKEN: token };
  return rotateReal(gitlab, { env, stateFile });
}

describe('rotateRealToken', () => {
  it('does not let a mistyped token take the place of one that lives', async () => {
    await using gitlab = await startRealGitLab();
    await run(gitlab, 'first');

    const mistyped = await run(gitlab, 'fisrt');
    const next = await run(gitlab);

    expect([mistyped?.outcome, next?.outcome]).toEqual(['rejected', 'succeeded']);
    expect(gitlab.isActive('successor-2')).toBe(true);
    expect(readFileSync(stateFile, 'utf8')).not.toContain('fisrt');
  });

  it('takes a new token after the old one was lost', async () => {
    await using gitlab = await startRealGitLab();
    await run(gitlab, 'first');
    gitlab.revoke(2);
    await run(gitlab);
    addToken(gitlab, 'second');

    const result = await run(gitlab, 'second');

    expect(result?.outcome).toBe('succeeded');
    expect(gitlab.isActive('second')).toBe(false);
    expect(gitlab.isActive('successor-2')).toBe(true);
  });
});

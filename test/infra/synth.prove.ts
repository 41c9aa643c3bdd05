import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { synth } from './synth-command.ts';

it('npm run synth says in plain words what is wrong with a setting', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'synth-'));

  const { code, stdout, stderr } = await synth(folder.path, '-c', 'intervalDays=often');

  expect(code).toBe(1);
  expect(stderr).toContain('intervalDays must be a whole number of days, got "often"');
  expect(`${stdout}${stderr}`).not.toMatch(/^ +at |Node\.js v|Stack GitLab/m);
});

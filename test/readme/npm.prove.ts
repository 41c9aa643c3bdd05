import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Installs a package and its tool `dev` with the configuration of this project, offline. */
async function install(content: object, variables: Readonly<Record<string, string>> = {}) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'npm-'));
  const { path } = folder;
  const { PATH = '' } = process.env;
  copyFileSync(join(import.meta.dirname, '..', '..', '.npmrc'), join(path, '.npmrc'));
  mkdirSync(join(path, 'dev'));
  const write = (file: string, json: object) =>
    writeFileSync(join(path, file), JSON.stringify({ version: '1.0.0', ...json }));
  write('dev/package.json', { name: 'dev' });
  write('package.json', content);
  const { code, stderr } = await new Promise<{ code: number; stderr: string }>((resolve) => {
    const args = ['install', '--offline', '--no-audit'];
    const options = { cwd: path, env: { PATH, HOME: path, ...variables } };
    execFile('npm', args, options, (error, _stdout, told) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stderr: told });
    });
  });
  return { code, stderr, hasTool: existsSync(join(path, 'node_modules', 'dev')) };
}

it('npm says nothing of a Node that is too old for the project, on which only npm runs', async () => {
  await expect(install({ engines: { node: '>=99' } })).resolves.toMatchObject({
    code: 0,
    stderr: '',
  });
});

it('npm says what went wrong', async () => {
  const { code, stderr } = await install({ dependencies: { missing: 'file:missing.tgz' } });

  expect(code).not.toBe(0);
  expect(stderr).toMatch(/npm error .*missing/);
});

it('npm installs what the project is built with, also in a shell that is for production', async () => {
  const content = { devDependencies: { dev: 'file:dev' } };

  await expect(install(content, { NODE_ENV: 'production' })).resolves.toMatchObject({
    code: 0,
    hasTool: true,
  });
});

import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { ROOT } from '../cdk-app.ts';

const GUARD = './infra/build/node-version.mjs';

/** Runs a script of one line behind the guard, with a Node.js that says that it is of this version. */
function runOn(version: string) {
  const versions = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`;
  const preloads = [`data:text/javascript,${encodeURIComponent(versions)}`, GUARD];
  const args = [...preloads.flatMap((module) => ['--import', module]), '--eval', 'console.log(1)'];
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

it('a Node.js that is too old ends the commands in a sentence', () => {
  const { status, stdout, stderr } = runOn('20.20.2');

  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe(
    "\nThis command needs Node.js 24, and runs on 20.20.2. npm ci installs Node.js 24 for it. If npm's setting ignore-scripts forbids that, run after it: npm rebuild node --ignore-scripts=false\n\n",
  );
  expect(runOn('24.0.0')).toMatchObject({ status: 0, stdout: '1\n', stderr: '' });
});

it('the commands of the first hour begin with that', () => {
  const { start, build, status, synth, deploy } = packageJson.scripts;

  for (const command of [start, build, status]) {
    expect(command).toMatch(`node --import ${GUARD} `);
  }
  for (const command of [synth, deploy]) {
    expect(command).toMatch('npm run --silent build && ');
  }
});

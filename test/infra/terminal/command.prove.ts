import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMPILE_CACHE } from '../../rig/vitest/compile-cache.ts';
import { checkOut } from '../local/checkout.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const START = 'infra/local/start.ts';
const SURVIVAL = 'test/prove/matrix/run.ts';
const SIMULATE = 'test/prove/simulation/run.ts';
const KILLED_BY_PIPE = 128 + constants.signals.SIGPIPE;

interface Ended {
  /** Of the command, not of what reads it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a shell that pipes its output somewhere. */
function runPiped(folder: string, command: string, rest: string): Promise<Ended> {
  const { PATH = '' } = process.env;
  const temporary = join(folder, 'tmp');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  const script = `"${process.execPath}" ${command} ${rest}; exit \${PIPESTATUS[0]}`;
  const env = { PATH, TMPDIR: temporary, ...COMPILE_CACHE, GITLAB_TOKEN: 'first' };
  return new Promise((resolve) => {
    execFile(
      'bash',
      ['--norc', '--noprofile', '-c', script],
      { cwd: folder, env },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

/** Runs a command on a terminal of 60 columns. */
function runNarrow(command: string, ...args: readonly string[]): Promise<Ended> {
  const { PATH = '' } = process.env;
  const options = { env: { PATH, COLUMNS: '60', ...COMPILE_CACHE } };
  return new Promise((resolve) => {
    const script = join(ROOT, command);
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** Command lines of processes that run something of a folder. */
function processesOf(folder: string): readonly string[] {
  const all = execFileSync('ps', ['-A', '-o', 'command'], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(folder) && !line.startsWith('ps '));
}

// One after the other, with the time that a busy machine takes.
describe('a command whose output nobody reads any more', { timeout: 120_000 }, () => {
  let folder: Awaited<ReturnType<typeof checkOut>>;

  beforeAll(async () => {
    folder = await checkOut('test');
  });
  afterAll(() => folder.remove());

  it.each([
    [START, '| head -n 1'],
    [`${SURVIVAL} --help`, '| true'],
  ])('ends without a word, and leaves nothing behind: %s %s', async (command, reader) => {
    const { code, stderr } = await runPiped(folder.path, command, reader);

    expect({ code, stderr: stderr.replace(/^Ignored: .*\n\n/, '') }).toEqual({
      code: KILLED_BY_PIPE,
      stderr: '',
    });
    await vi.waitFor(() => expect(processesOf(folder.path)).toEqual([]), { timeout: 10_000 });
    const left = readdirSync(join(folder.path, 'tmp'));
    expect(left.filter((name) => !name.includes('compile-cache'))).toEqual([]);
  });

  it('ends as if it were read: a deployment must not stop', async () => {
    const { code, stderr } = await runPiped(folder.path, 'infra/app/deploy.ts --help', '| true');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('still gives its result where only what it says beside it is not read', async () => {
    const { code, stdout } = await runPiped(folder.path, START, '2> >(true)');

    expect(code).toBe(0);
    expect(stdout).toContain('Rotation succeeded');
  });

  it('says so where the output cannot be written', async () => {
    const file = join(folder.path, 'output');
    writeFileSync(file, '');
    const readOnly = openSync(file, 'r');
    const child = spawn(process.execPath, [join(folder.path, START), '--help'], {
      stdio: ['ignore', readOnly, 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));

    const told = child.stderr === null ? '' : await text(child.stderr);

    expect(told).toBe('The output cannot be written: EBADF\n');
    await expect(ended).resolves.toBe(2);
    closeSync(readOnly);
  });
});

describe('every command', { timeout: 120_000 }, () => {
  it.each([
    START,
    SURVIVAL,
    SIMULATE,
    'infra/app/synth.ts',
    'infra/app/deploy.ts',
    'infra/status/status.ts',
  ])('takes -h for --help, and fits 60 columns: %s', async (command) => {
    const { code, stdout, stderr } = await runNarrow(command, '-h');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^npm .*\[-- /);
    expect(stdout.split('\n').filter((line) => line.length > 60)).toEqual([]);
  });
});

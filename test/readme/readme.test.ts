import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import {
  type FailureCode,
  NOTICES,
  RISKS,
  RotationError,
  riskAt,
  STEPS,
} from '../../lambda/failure.ts';
import { parseSecret } from '../../lambda/secret/secret-value.ts';
import packageJson from '../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..', '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The code blocks of one language, in their order. */
function blocks(language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
  return [...README.matchAll(pattern)].map(([, code = '']) => code);
}

/** Every line of every shell block that is a command of this kind. */
function commands(start: string): string[] {
  const lines = blocks('sh').flatMap((block) => block.split('\n'));
  return [...new Set(lines.filter((line) => line.startsWith(start)))];
}

/** Runs a command of the README as a person would, but without their colours and variables. */
async function run(command: string): Promise<string> {
  const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
  const options = { cwd: ROOT, env: { PATH, HOME, TMPDIR, CDK_DISABLE_CLI_TELEMETRY: 'true' } };
  const { stdout } = await promisify(execFile)('bash', ['-c', command], options);
  return stdout;
}

/** What stays the same from run to run. */
function shape(output: string): string {
  return output.replace(/\d+/g, '#').replace(/ +/g, ' ').trim();
}

describe('README', () => {
  it.each(commands('npm '))('names a script that exists: %s', (command) => {
    const [, verb = '', name = ''] = command.split(' ');
    const script = verb === 'run' ? name : verb;

    expect(['ci', ...Object.keys(packageJson.scripts)]).toContain(script);
  });

  // The last of them needs a GitLab.
  it.each(commands('npm start').filter((command) => !command.includes('--project')))(
    'shows a command that works: %s',
    async (command) => {
      await expect(run(command)).resolves.not.toBe('');
    },
    120_000,
  );

  it('shows what npm start prints', async () => {
    const [example = ''] = blocks('text');

    const output = await run('npm start --silent');

    expect(shape(output)).toBe(shape(example));
  });

  it('says how to see what would be deployed', async () => {
    expect(README).toContain('`npm run synth`');

    await expect(run('npm run synth')).resolves.toMatch(
      /^Stack GitLabTokenRotation: \d+ resources$/m,
    );
  }, 120_000);

  it.each(blocks('sh'))('has shell commands that a shell can read: %s', (block) => {
    expect(() => execFileSync('bash', ['-n'], { input: block })).not.toThrow();
  });

  it('says what the variables of its runbook stand for', () => {
    const [, runbook = ''] = README.split(/^## Runbook$/m);
    const used = [...runbook.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name);
    const set = [...runbook.matchAll(/^([A-Z_]+)=|\bread -rs ([A-Z_]+)/gm)];

    expect(used).toContain('PROJECT_ID');
    expect(set.flatMap(([, ...names]) => names)).toEqual(expect.arrayContaining(used));
  });

  it('waits for a token in a subshell only, where no line that is pasted along is taken for it', () => {
    const lines = blocks('sh').flatMap((block) => block.split('\n'));
    const waiting = lines.filter((line) => line.includes('read -rs'));

    expect(waiting).not.toEqual([]);
    for (const line of waiting) {
      expect(line).toMatch(/^\( read -rs .* \)$/);
    }
  });

  it('calls operations that Secrets Manager has', () => {
    const operations = [...README.matchAll(/aws secretsmanager ([a-z-]+)/g)].map(([, name = '']) =>
      name.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
    );

    expect(operations).not.toEqual([]);
    for (const operation of operations) {
      expect(secretsManager).toHaveProperty(`${operation}Command`);
    }
  });

  it.each(blocks('json'))('shows a secret that can be read: %s', (secretString) => {
    const settings = {
      gitlabUrl: 'https://gitlab.example.com',
      tokenField: 'token',
      lifetimeDays: 90,
    };

    expect(parseSecret(secretString, settings)).toMatchObject({ token: 'the-token' });
  });

  it('shows TypeScript that compiles and synthesises', async () => {
    const folder = join(ROOT, 'dist', 'readme');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const [example = ''] = blocks('ts');
    const source = example.replaceAll("'./infra/", "'../../infra/");
    writeFileSync(join(folder, 'example.ts'), source);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', include: ['.'] }),
    );

    await run('npx tsc --project dist/readme');
    await run('npx node dist/readme/example.ts');
  }, 60_000);

  it('names whatever does not affect consumers once createSecret is through', () => {
    const steps = STEPS.filter((step) => step !== 'createSecret');
    const others = Object.keys(RISKS).flatMap((code) => {
      const failure = new RotationError(code as FailureCode, 'as it may be');
      const where = steps.filter((step) => riskAt(step, failure) !== 'consumers');
      expect(where.filter((step) => riskAt(step, failure) !== 'unknown')).toEqual([]);
      const all = where.length === steps.length ? 'any of them' : where.join(', ');
      return where.length === 0 ? [] : [`\`${code}\` in ${all}`];
    });

    const [, exceptions = ''] =
      /affects consumers, because .*? Except (.*?), whose risk is `unknown`:/.exec(README) ?? [];
    expect(exceptions).toBe(others.join(' and '));
  });

  it('has a runbook entry for every code, and for no other', () => {
    const [, runbook = ''] = README.split(/^## Runbook$/m);
    const headings = [...runbook.matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code);

    expect(headings.toSorted()).toEqual([...Object.keys(RISKS), ...NOTICES].toSorted());
  });
});

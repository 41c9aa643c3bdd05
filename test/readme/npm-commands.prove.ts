import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { blocks, ROOT, section } from '../rig/documents/documents.ts';
import { COMPILE_CACHE } from '../rig/vitest/compile-cache.ts';

/** Runs a command of the documents as a person would, but without their colours and variables. */
async function run(command: string): Promise<string> {
  const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
  const env = { PATH, HOME, TMPDIR, CDK_DISABLE_CLI_TELEMETRY: 'true', ...COMPILE_CACHE };
  const options = { cwd: ROOT, env };
  const { stdout } = await promisify(execFile)('bash', ['-c', command], options);
  return stdout;
}

/** What stays the same from run to run. */
function shape(output: string): string {
  return output.replace(/\d+/g, '#').replace(/ +/g, ' ').trim();
}

// They wait most of the time, and share nothing.
describe.concurrent('the documents', () => {
  it('show commands that work in their order, also a second time', async () => {
    const starts = [...new Set(section('Try it').match(/\bnpm start(?: -- [^`]+)?/g))];
    expect(starts[0]).toBe('npm start');
    expect(starts).toContain('npm start -- --alternating');

    const outputs: string[] = [];
    for (const command of [...starts, ...starts]) {
      outputs.push(await run(command));
    }

    const [example = ''] = blocks('text', section('The local cloud'));
    expect(example).toContain('finishSecret');
    expect(shape(outputs[0] ?? '')).toContain(shape(example));
    expect(outputs.filter((output) => output === '')).toEqual([]);
  }, 400_000);

  it('show the output of npm run status', async () => {
    const [example = ''] = blocks('text', section('Status'));

    // It ends with 1, since something was found.
    const output = await run('! npm run --silent status -- --local --secrets 3');

    expect(example).toContain('REVOKED');
    expect(shape(output)).toBe(shape(example));
  });

  it('show TypeScript that compiles and synthesises', async () => {
    const folder = join(ROOT, 'dist', 'readme');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const [example = ''] = blocks('ts');
    const source = example.replace("'gitlab-token-rotation'", "'../../infra/index.ts'");
    writeFileSync(join(folder, 'example.ts'), source);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../tsconfig.json',
        // What `npm run check` remembers is of other files.
        compilerOptions: { incremental: false, tsBuildInfoFile: null },
        include: ['.'],
      }),
    );

    await run('npx tsc --project dist/readme --checkers 1');
    await run('npx node dist/readme/example.ts');
  });
});

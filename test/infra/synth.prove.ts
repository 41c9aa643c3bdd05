import { readdirSync, readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedBundle } from '../rig/vitest/shared-bundle.ts';
import { synth } from './synth-command.ts';

// What the summary says of a stack: synth.test.ts.
describe('npm run synth', () => {
  it('shows what would be deployed with the settings that were given, and the very bytes of npm run build', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'synth-'));
    const output = join(folder.path, 'cdk.out');

    const { code, stdout } = await synth(
      folder.path,
      ...['-c', 'gitlabUrl=https://git.example.org', '-c', 'secretName=team/token', `-vo${output}`],
    );

    expect(code).toBe(0);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain('Stack GitLabTokenRotation: ');
    expect(text).toContain('Secret team/token; created empty; stays when the stack is deleted');
    expect(text).toContain('GitLab is https://git.example.org');
    expect(text).toContain(join(output, 'GitLabTokenRotation.template.json'));
    expect(text).not.toContain('Examples of cdk.json');
    expect(stdout).not.toContain('AWS::');
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes(output))).toEqual(
      [],
    );
    const [asset = ''] = readdirSync(output).filter((name) => name.startsWith('asset.'));
    expect(readdirSync(join(output, asset))).toEqual(['index.mjs']);
    const deployed = readFileSync(join(output, asset, 'index.mjs'));
    expect(deployed.equals(readFileSync(sharedBundle()))).toBe(true);
  });

  it('says in plain words what is wrong with a setting', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'synth-'));

    const { code, stdout, stderr } = await synth(folder.path, '-c', 'intervalDays=often');

    expect(code).toBe(1);
    expect(stderr).toContain('intervalDays must be a whole number of days, got "often"');
    expect(`${stdout}${stderr}`).not.toMatch(/^ +at |Node\.js v|Stack GitLab/m);
  });
});

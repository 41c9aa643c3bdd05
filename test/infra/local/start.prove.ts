import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { start } from './start-command.ts';

describe('npm start', () => {
  it('names what it was asked for, in colours where somebody sees them, and fits 60 columns', async () => {
    const { code, stdout } = await start(['--alternating', '--recovery', '--verbose'], {
      FORCE_COLOR: '1',
      COLUMNS: '60',
    });

    const text = stripVTControlCharacters(stdout);
    expect(code).toBe(0);
    expect(text).not.toBe(stdout);
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /^One rotation .*?, with two tokens and a recovery credential /,
    );
    expect(text).toMatch(/standby +token 2, active/);
    expect(text.split('\n').filter((line) => line.length > 60)).toEqual([]);
  });

  it('lists options and faults', async () => {
    const { code, stdout } = await start(['--help']);

    expect(code).toBe(0);
    expect(stdout).toMatch(
      /--fault <name>[\s\S]*--recovery[\s\S]*--alternating[\s\S]*--json[\s\S]*--project <id>[\s\S]*Exit codes[\s\S]*answer-lost/,
    );
  });

  it.each([
    [['--nonsense'], {}, /Unknown option '--nonsense'/],
    [['--project', '1'], {}, /GITLAB_URL is missing/],
    [['--project', '1', '--fault', 'read-only'], {}, /for the local GitLab only/],
    [['--yes'], {}, /say --project, or leave it out/],
    [['--project', '1', '--yes'], { GITLAB_URL: 'http://gitlab.example.com' }, /begin with https:/],
  ])('says what is wrong with %j, and what to do', async (args, env, text) => {
    const { code, stderr } = await start(args, env);

    expect(code).toBe(2);
    expect(stderr).toMatch(text);
    expect(stderr).toContain('See npm start -- --help');
  });
});

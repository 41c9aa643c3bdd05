import { describe, expect, it } from 'vitest';
import { npmStart } from './start-command.ts';

/** Loaded before the command: its GitLab refuses every rotate request, which no demonstration expects. */
const REFUSING_GITLAB = `
import { Server } from 'node:http';
const { emit } = Server.prototype;
Server.prototype.emit = function (name, request, response) {
  if (name !== 'request' || request.method !== 'POST' || !request.url.endsWith('/self/rotate')) {
    return emit.apply(this, arguments);
  }
  response.writeHead(403, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: 'insufficient_scope', scope: 'api' }));
  return true;
};
`;

// What each fault shows is in demo/demo-faults.test.ts; more options, right and wrong, are in start.prove.ts.
describe('npm start', () => {
  it('shows the four steps, both sides before and after, and every kind of call', async () => {
    const { code, stdout } = await npmStart([]);

    expect(code).toBe(0);
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
      expect(stdout).toMatch(new RegExp(`✓ ${step} +\\d+ ms`));
    }
    expect(stdout).toMatch(/AWSCURRENT +token 1, active until \S+ +token 2, active until/);
    expect(stdout).toMatch(/AWSPREVIOUS +- +token 1, revoked/);
    expect(stdout).toMatch(/AWSCURRENT leads to an active token, after \d+ ms in which it did not/);
    // Where the last labels come after the last probe, GitLab is asked once more.
    expect(stdout).toMatch(/GitLab +[45] {2}probe [34], rotate 1/);
    expect(stdout).not.toContain('\u001b[');
  });

  it('ends with 1 if the demonstration does not end as it should, and says so', async () => {
    const { code, stdout } = await npmStart([], {
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(REFUSING_GITLAB)}`,
    });

    expect(code).toBe(1);
    expect(stdout).toContain('should have ended with: rotated. It ended with: not rotated');
  });

  it.each([
    [['--fault', 'nope'], {}, /there is no fault "nope"; there are answer-lost/],
    [['--project', '1'], { GITLAB_URL: 'https://me:first@host' }, /neither credentials/],
  ])('says what is wrong with %j, and what to do', async (args, env, text) => {
    const { code, stderr } = await npmStart(args, env);

    expect(code).toBe(2);
    expect(stderr).toMatch(text);
    expect(stderr).toContain('See npm start -- --help');
    expect(stderr).not.toContain('first');
  });
});

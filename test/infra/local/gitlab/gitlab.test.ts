import { describe, expect, it } from 'vitest';
import { startGitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import { given, TODAY } from './given.ts';

describe(startGitLab, () => {
  it('gives words to new tokens where it is asked to', async () => {
    await using gitlab = await startGitLab({ settings: { tokenValues: 'words' } });
    const resource = gitlab.addProject({ path: 'group/app' });

    const created = gitlab.createAccessToken({ resource, scopes: ['api'] });

    expect(created).toEqual({ id: 1, token: 'token-1', userId: 1 });
    expect(gitlab.isActive('token-1')).toBe(true);
  });

  it('refuses to give one value to two tokens', async () => {
    await using start = await given();
    const { gitlab, resource } = start;

    const again = () => gitlab.createAccessToken({ resource, scopes: [], value: 'first' });

    expect(again).toThrow('exists already');
    expect(gitlab.tokens).toHaveLength(1);
  });

  it('shows its tokens without their values', async () => {
    await using start = await given();

    const { tokens } = start.gitlab;

    expect(tokens).toEqual([
      {
        id: 1,
        userId: 1,
        name: 'publish',
        description: 'npm publish',
        scopes: ['self_rotate'],
        createdAt: new Date(`${TODAY}T09:03:36.008Z`),
        expiresAt: '2026-12-22',
        impersonation: false,
        lastUsedAt: null,
        revoked: false,
        active: true,
      },
    ]);
  });

  it('shows a token with its predecessors and successors, and no other', async () => {
    await using start = await given();
    const { gitlab, resource } = start;
    const other = gitlab.createAccessToken({ resource, scopes: ['self_rotate'] });
    await start.rotate('first');

    expect(gitlab.family(1)).toEqual(gitlab.tokens.filter(({ id }) => id !== other.id));
    expect(gitlab.family(3).map(({ id, active }) => [id, active])).toEqual([
      [1, false],
      [3, true],
    ]);
    expect(() => gitlab.family(4)).toThrow('there is no token 4');
  });

  it('counts the rotate requests that came, also those that had no effect', async () => {
    await using start = await given();
    start.gitlab.faults.add({ operation: 'rotate', at: 'before', effect: { kind: 'reset' } });

    await expect(start.rotate('first')).rejects.toThrow();
    await start.rotate('nobody');
    await start.rotateById('first', 7);
    await start.probe('first');

    expect(start.gitlab.rotateRequests).toMatchObject([
      { operation: 'rotate', tokenId: 1, deadToken: false },
      { operation: 'rotate', deadToken: false, status: 401 },
      { operation: 'rotateById', tokenId: 1, deadToken: false, status: 403 },
    ]);
  });

  it('names each operation in its records', async () => {
    await using start = await given();

    await start.probe('first');
    await start.send('GET', '/projects/1/access_tokens');
    await start.send('GET', '/groups/1/access_tokens/1');
    await start.send('GET', '/personal_access_tokens/self/associations');
    await start.send('GET', '/version');
    await start.send('GET', '/projects');
    await start.rotatePersonal('first');
    await start.revoke('successor-1');

    expect(start.gitlab.calls.map(({ operation }) => operation)).toEqual([
      'probe',
      'listTokens',
      'getToken',
      'reach',
      'version',
      'other',
      'rotate',
      'revoke',
    ]);
  });

  it('may lie under a path', async () => {
    await using start = await given({ relativeRoot: '/gitlab' });

    const probe = await start.probe('first');
    const outside = await fetch(new URL('/api/v4/version', start.gitlab.url));

    expect(start.gitlab.url).toMatch(/\/gitlab$/);
    expect(probe.answer.status).toBe(200);
    expect(outside.status).toBe(404);
    expect(outside.headers.get('content-type')).toBe('text/html');
  });

  it('holds back only as many requests as it is asked to', async () => {
    await using start = await given({ token: { scopes: ['api'] } });
    const hold = start.gitlab.hold('before-commit');
    const held = start.rotate('first');
    await hold.arrived;

    const passed = await start.rotate('first');
    hold.release();

    expect(passed.answer.status).toBe(200);
    expect((await held).answer.status).toBe(200);
  });

  it('keeps its state while it cannot be reached', async () => {
    await using start = await given();

    start.gitlab.pause();
    await expect(start.probe('first')).rejects.toThrow('ECONNREFUSED');
    await start.gitlab.resume();

    expect((await start.probe('first')).answer.status).toBe(200);
  });

  it('still answers what is under way when it becomes unreachable', async () => {
    await using start = await given();
    const effect = { kind: 'run', run: () => start.gitlab.pause() } as const;
    start.gitlab.faults.add({ operation: 'probe', at: 'before', effect });

    const { answer } = await start.probe('first');

    expect(answer.status).toBe(200);
    await expect(start.probe('first')).rejects.toThrow('ECONNREFUSED');
  });

  it('can be made unreachable as often as a test likes', async () => {
    await using start = await given();
    const warnings: unknown[] = [];
    const note = (warning: unknown) => warnings.push(warning);
    process.on('warning', note);

    for (let time = 1; time <= 12; time += 1) {
      start.gitlab.pause();
      await start.gitlab.resume();
    }
    await new Promise(setImmediate);
    process.off('warning', note);

    expect(warnings).toEqual([]);
  });
});

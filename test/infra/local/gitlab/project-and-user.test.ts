import { describe, expect, it } from 'vitest';
import { json, PROJECT_404, REVOKED, SCOPE_BY_ID, scopeRefusal, UNAUTHORIZED } from './expected.ts';
import { given, TODAY } from './given.ts';

const PROJECT = '/projects/1';

describe('GET of a project', () => {
  it.each(['api', 'read_api'])('shows it to a token with the scope %s', async (scope) => {
    await using start = await given({ token: { scopes: [scope] } });

    const byId = await start.send('GET', PROJECT, { token: 'first' });
    const byPath = await start.send('GET', '/projects/group%2Fapp', { token: 'first' });

    expect(byId.answer).toEqual(
      json(200, {
        id: 1,
        description: null,
        name: 'app',
        name_with_namespace: 'group / app',
        path: 'app',
        path_with_namespace: 'group/app',
        created_at: `${TODAY}T09:03:36.008Z`,
        visibility: 'private',
        web_url: `${start.gitlab.url}/group/app`,
        namespace: expect.objectContaining({ id: 1, full_path: 'group' }),
        permissions: { project_access: { access_level: 40 }, group_access: null },
      }),
    );
    expect(byPath.answer).toEqual(byId.answer);
  });

  it('shows a role that comes from a group, and a public project to everybody', async () => {
    await using start = await given({ type: 'group', token: { scopes: ['api'] } });

    const own = await start.send('GET', PROJECT, { token: 'first' });
    const open = await start.send('GET', '/projects/3', { token: 'first' });

    expect(own.answer.body).toMatchObject({
      permissions: { project_access: null, group_access: { access_level: 40 } },
    });
    expect(open.answer.body).toMatchObject({
      id: 3,
      permissions: { project_access: null, group_access: null },
    });
  });

  it('is refused to a token that may only rotate itself', async () => {
    await using start = await given();

    const { answer } = await start.send('GET', PROJECT, { token: 'first' });

    expect(answer).toEqual(SCOPE_BY_ID);
  });

  it.each(['/projects/2', '/projects/9', '/projects/group%2Fnope'])(
    'finds nothing at %s, whether it is hidden or not there',
    async (path) => {
      await using start = await given({ token: { scopes: ['api'] } });

      const { answer } = await start.send('GET', path, { token: 'first' });

      expect(answer).toEqual(PROJECT_404);
    },
  );

  it('leads from a former path to the project', async () => {
    await using start = await given({ token: { scopes: ['api'] } });
    Object.assign(start.resource, { formerPaths: ['group/old'] });

    const { answer, headers } = await start.send('GET', '/projects/group%2Fold', {
      token: 'first',
    });

    expect(answer.status).toBe(301);
    expect(headers).toHaveProperty('location', `${start.gitlab.url}/api/v4/projects/1`);
  });
});

describe('GET of the own user', () => {
  it.each(['api', 'read_api', 'read_user'])('shows it with the scope %s', async (scope) => {
    await using start = await given({ token: { scopes: [scope] } });

    const { answer } = await start.send('GET', '/user', { token: 'first' });

    expect(answer).toMatchObject({
      status: 200,
      body: { id: start.first.userId, name: 'publish', state: 'active', bot: true },
    });
  });

  it('shows a person as none', async () => {
    await using start = await given();
    const { userId } = start.person(40);

    const { answer } = await start.send('GET', '/user', { token: 'person' });

    expect(answer.body).toMatchObject({ id: userId, username: 'user_2', bot: false });
  });

  it('is refused to a token that may only rotate itself', async () => {
    await using start = await given();

    const { answer } = await start.send('GET', '/user', { token: 'first' });

    expect(answer).toEqual(scopeRefusal('read_user api read_api'));
  });
});

describe.each([PROJECT, '/user'])('GET of %s', (path) => {
  it('is for nobody that GitLab does not know', async () => {
    await using start = await given();

    const { answer } = await start.send('GET', path, { token: 'unknown' });

    expect(answer).toEqual(UNAUTHORIZED);
  });

  it('with a dead token spares its successor', async () => {
    await using start = await given({ token: { scopes: ['api'] } });
    await start.rotate('first');

    const { answer } = await start.send('GET', path, { token: 'first' });

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual({ 'successor-1': true });
  });
});

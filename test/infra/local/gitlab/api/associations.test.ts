import { describe, expect, it } from 'vitest';
import { EXPIRED, json, REVOKED, ROUTE_404, UNAUTHORIZED } from '../expected.ts';
import { BOTH, type Given, given, TODAY } from '../given.ts';

const PATH = '/personal_access_tokens/self/associations';

interface Associations {
  readonly groups: readonly { readonly id: number; readonly access_levels: number | null }[];
  readonly projects: readonly {
    readonly id: number;
    readonly access_levels: Readonly<Record<string, number | null>>;
  }[];
}

/** The ids of both lists, in their order. */
async function idsSeenBy(start: Given, token: string, query = '') {
  const { answer } = await start.send('GET', `${PATH}${query}`, { token });
  const { groups, projects } = answer.body as Associations;
  return { groups: groups.map(({ id }) => id), projects: projects.map(({ id }) => id) };
}

describe('what a token can reach', () => {
  it('is one project, for the token of a project, whatever its scope', async () => {
    await using start = await given();

    const { answer, headers } = await start.send('GET', `${PATH}?min_access_level=10`, {
      token: 'first',
    });

    expect(answer).toEqual(
      json(200, {
        groups: [],
        projects: [
          {
            id: 1,
            description: null,
            name: 'app',
            name_with_namespace: 'group / app',
            path: 'app',
            path_with_namespace: 'group/app',
            created_at: `${TODAY}T09:03:36.008Z`,
            access_levels: { project_access_level: 40, group_access_level: null },
            visibility: 'private',
            web_url: `${start.gitlab.url}/group/app`,
            namespace: {
              id: 1,
              name: 'group',
              path: 'group',
              kind: 'group',
              full_path: 'group',
              parent_id: null,
              avatar_url: null,
              web_url: `${start.gitlab.url}/groups/group`,
            },
          },
        ],
      }),
    );
    expect(headers).toMatchObject({ 'x-page': '1', 'x-total': '1', 'x-next-page': '' });
  });

  it('is a group and what lies below it, for the token of a group', async () => {
    await using start = await given({ type: 'group', token: { accessLevel: 30 } });
    start.gitlab.addGroup({ path: 'group/team' });
    start.gitlab.addProject({ path: 'group/team/site' });

    const { answer } = await start.send('GET', `${PATH}?min_access_level=10`, { token: 'first' });

    const url = start.gitlab.url;
    const inherited = { project_access_level: null, group_access_level: 30 };
    expect(answer.body).toMatchObject({
      groups: [
        { id: 4, name: 'team', parent_id: 1, access_levels: 30, visibility: 'private' },
        { id: 1, web_url: `${url}/groups/group`, parent_id: null, organization_id: 1 },
      ],
      projects: [
        { id: 4, access_levels: inherited, namespace: { id: 4, parent_id: 1 } },
        { id: 1, access_levels: inherited, namespace: { id: 1, kind: 'group' } },
      ],
    });
  });

  it('is all that is open to it, where no role is named', async () => {
    await using start = await given();
    start.gitlab.addProject({ path: 'alone/inside', visibility: 'internal' });

    expect(await idsSeenBy(start, 'first')).toEqual({ groups: [3], projects: [4, 3, 1] });
    const { answer } = await start.send('GET', PATH, { token: 'first' });
    const { projects } = answer.body as Associations;
    expect(projects[0]).toMatchObject({
      access_levels: { project_access_level: null, group_access_level: null },
      namespace: null,
    });
  });

  it('is limited to a role, which an administrator does not have by being one', async () => {
    await using start = await given();
    const user = start.gitlab.addUser();
    start.gitlab.addMember(user, start.resource, 20);
    start.gitlab.createPersonalToken({ user, scopes: ['read_user'], value: 'reporter' });
    start.person(undefined, { admin: true });

    expect(await idsSeenBy(start, 'reporter', '?min_access_level=20')).toEqual({
      groups: [],
      projects: [1],
    });
    expect(await idsSeenBy(start, 'reporter', '?min_access_level=25')).toEqual({
      groups: [],
      projects: [],
    });
    expect(await idsSeenBy(start, 'person', '?min_access_level=10')).toEqual({
      groups: [],
      projects: [],
    });
    expect(await idsSeenBy(start, 'person')).toEqual({ groups: [3, 2, 1], projects: [3, 2, 1] });
  });

  it('holds neither what is being deleted nor what a membership that ended led to', async () => {
    await using start = await given();
    const member = start.gitlab.members[0];
    start.resource.deleted = true;
    expect(await idsSeenBy(start, 'first', '?min_access_level=10')).toMatchObject({ projects: [] });
    start.resource.deleted = false;

    Object.assign(member ?? {}, { expiresAt: TODAY });

    expect(await idsSeenBy(start, 'first', '?min_access_level=10')).toMatchObject({ projects: [] });
  });

  it('comes in pages, whose headers count the projects', async () => {
    await using start = await given({ type: 'group' });
    for (let count = 2; count <= 21; count += 1) {
      start.gitlab.addProject({ path: `group/app-${count}` });
    }

    const first = await start.send('GET', `${PATH}?min_access_level=10`, { token: 'first' });
    const last = await idsSeenBy(start, 'first', '?min_access_level=10&page=2');
    const large = await start.send('GET', `${PATH}?per_page=1000`, { token: 'first' });

    expect((first.answer.body as Associations).projects).toHaveLength(20);
    expect(first.headers).toMatchObject({
      'x-per-page': '20',
      'x-total': '21',
      'x-next-page': '2',
      link: expect.stringContaining(`${PATH}?min_access_level=10&page=2&per_page=20>; rel="next"`),
    });
    expect(last).toEqual({ groups: [], projects: [1] });
    expect(large.headers).toMatchObject({ 'x-per-page': '100' });
  });

  it.each(['7', 'owner'])('is refused for the role %j', async (role) => {
    await using start = await given();

    const { answer } = await start.send('GET', `${PATH}?min_access_level=${role}`, {
      token: 'first',
    });

    expect(answer).toEqual(json(400, { error: 'min_access_level does not have a valid value' }));
  });
});

describe('a caller that may not know what it can reach', () => {
  it('is told so as by the probe', async () => {
    await using start = await given();
    const { resource, gitlab } = start;
    const expired = { resource, scopes: ['api'], expiresAt: '2026-11-21', value: 'expired' };
    gitlab.createAccessToken(expired);
    gitlab.revoke(start.first.id);
    const answerTo = async (token: string) => (await start.send('GET', PATH, { token })).answer;

    expect(await answerTo('nobody')).toEqual(UNAUTHORIZED);
    expect(await answerTo('expired')).toEqual(EXPIRED);
    expect(await answerTo('first')).toEqual(REVOKED);
  });

  it.each(BOTH)('does no harm to its successor: %s', async (type) => {
    await using start = await given({ type });
    await start.rotate('first');

    const { answer } = await start.send('GET', PATH, { token: 'first' });

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1')).toEqual({ 'successor-1': true });
  });

  it('finds no such endpoint before 17.4', async () => {
    await using old = await given({ settings: { version: '17.3' } });
    await using start = await given({ settings: { version: '17.4' } });

    const before = await old.send('GET', PATH, { token: 'first' });
    const after = await start.send('GET', PATH, { token: 'first' });

    expect(before.answer).toEqual(ROUTE_404);
    expect(after.answer.status).toBe(200);
  });
});

import { describe, expect, it } from 'vitest';
import { json, RESOURCE_404, SCOPE_BY_ID, UNAUTHORIZED } from '../expected.ts';
import { BOTH, given, TODAY } from '../given.ts';

interface Listed {
  readonly id: number;
  readonly user_id: number;
  readonly revoked: boolean;
}

describe.each(BOTH)('the access tokens of a %s', (type) => {
  // Of a project a Maintainer may see them, of a group an Owner.
  const accessLevel = type === 'project' ? 40 : 50;

  it.each(['api', 'read_api'])('row 108: are shown to a bot with the scope %s', async (scope) => {
    await using start = await given({ type, token: { scopes: [scope], accessLevel } });
    const shown = {
      id: 1,
      name: 'publish',
      revoked: false,
      created_at: `${TODAY}T09:03:36.008Z`,
      description: 'npm publish',
      scopes: [scope],
      user_id: 1,
      last_used_at: `${TODAY}T09:03:36.008Z`,
      active: true,
      expires_at: '2026-12-22',
      last_used_ips: [],
      access_level: accessLevel,
      resource_type: type,
      resource_id: 1,
    };

    const list = await start.send('GET', `${start.home}/access_tokens`, { token: 'first' });
    const one = await start.send('GET', `${start.home}/access_tokens/1`, { token: 'first' });

    expect(list.answer).toEqual(json(200, [shown]));
    expect(list.headers).toMatchObject({
      'x-page': '1',
      'x-per-page': '20',
      'x-total': '1',
      'x-total-pages': '1',
      'x-next-page': '',
      'x-prev-page': '',
      link: expect.stringContaining('rel="first"'),
    });
    expect(one.answer).toEqual(json(200, shown));
  });

  it('row 109: are not shown to a Developer', async () => {
    await using start = await given({ type });
    start.person(30);

    const list = await start.send('GET', `${start.home}/access_tokens`, { token: 'person' });
    const one = await start.send('GET', `${start.home}/access_tokens/1`, { token: 'person' });

    expect([list.answer, one.answer]).toEqual([UNAUTHORIZED, UNAUTHORIZED]);
  });

  it('row 110: are not found where it does not exist', async () => {
    await using start = await given({ type });
    start.person(50);

    const { answer } = await start.send('GET', `/${type}s/999/access_tokens`, { token: 'person' });

    expect(answer).toEqual(RESOURCE_404[type]);
  });

  it('row 111: are not for the scope self_rotate', async () => {
    await using start = await given({ type, token: { accessLevel } });

    const list = await start.send('GET', `${start.home}/access_tokens`, { token: 'first' });
    const one = await start.send('GET', `${start.home}/access_tokens/1`, { token: 'first' });

    expect([list.answer, one.answer]).toEqual([SCOPE_BY_ID, SCOPE_BY_ID]);
  });

  it('row 112: are the active ones only, where that was asked for', async () => {
    await using start = await given({ type });
    start.person(50);
    await start.rotate('first');
    const ids = async (query: string) => {
      const path = `${start.home}/access_tokens?${query}`;
      const { answer } = await start.send('GET', path, { token: 'person' });
      return (answer.body as Listed[]).map(({ id }) => id);
    };

    expect(await ids('state=active')).toEqual([3]);
    expect(await ids('')).toEqual([1, 3]);
  });

  it('row 113: are shown one by one, revoked ones too', async () => {
    await using start = await given({ type });
    start.person(50);
    await start.rotate('first');

    const path = `${start.home}/access_tokens/1`;
    const { answer } = await start.send('GET', path, { token: 'person' });

    expect(answer).toMatchObject({
      status: 200,
      body: { revoked: true, active: false, user_id: start.first.userId, name: 'publish' },
    });
  });

  it('row 114: do not hold unknown ones, nor those of another', async () => {
    await using start = await given({ type });
    start.person(50);
    const other = start.gitlab.addProject({ path: 'group/other' });
    const foreign = start.gitlab.createAccessToken({ resource: other, scopes: ['api'] });

    for (const id of [999, foreign.id]) {
      const path = `${start.home}/access_tokens/${id}`;
      const { answer } = await start.send('GET', path, { token: 'person' });

      expect(answer).toEqual(json(404, { message: `404 ${type} Access Token Not Found` }));
    }
  });

  it('row 115: lead a person to a lost successor, whose bot is kept', async () => {
    await using start = await given({ type });
    const { resource, gitlab, first } = start;
    gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'of another bot' });
    start.person(50);
    await start.rotate('first');

    const probe = await start.probe('person');
    const lost = await start.send('GET', `${start.home}/access_tokens/${first.id}`, {
      token: 'person',
    });
    const bot = (lost.answer.body as Listed).user_id;
    const path = `${start.home}/access_tokens?state=active&per_page=100`;
    const list = await start.send('GET', path, { token: 'person' });
    const children = (list.answer.body as Listed[]).filter(({ user_id }) => user_id === bot);
    const rotation = await start.rotateById('person', children[0]?.id ?? 0, {
      expires_at: '2027-02-20',
    });

    expect(probe.answer.status).toBe(200);
    expect(children).toHaveLength(1);
    expect(rotation.answer).toMatchObject({ status: 200, body: { user_id: first.userId } });
    expect((await start.probe('successor-2')).answer).toMatchObject({
      status: 200,
      body: { user_id: first.userId, expires_at: '2027-02-20' },
    });
    expect(start.alive('successor-1', 'of another bot')).toEqual({
      'successor-1': false,
      'of another bot': true,
    });
  });
});

describe('a long list of access tokens', () => {
  it('comes in pages, each of which names the next', async () => {
    await using start = await given({ token: { scopes: ['read_api'] } });
    const { resource, gitlab } = start;
    for (let count = 0; count < 44; count += 1) {
      gitlab.createAccessToken({ resource, scopes: ['api'] });
    }
    const home = `${gitlab.url}/api/v4/projects/1/access_tokens`;

    const page = await start.send('GET', '/projects/1/access_tokens?state=active&page=2', {
      token: 'first',
    });
    const last = await start.send('GET', '/projects/1/access_tokens?page=3', { token: 'first' });

    expect(page.answer.body).toHaveLength(20);
    expect(page.headers).toMatchObject({
      'x-page': '2',
      'x-total': '45',
      'x-total-pages': '3',
      'x-next-page': '3',
      'x-prev-page': '1',
      link: [
        `<${home}?state=active&page=1&per_page=20>; rel="prev"`,
        `<${home}?state=active&page=3&per_page=20>; rel="next"`,
        `<${home}?state=active&page=1&per_page=20>; rel="first"`,
        `<${home}?state=active&page=3&per_page=20>; rel="last"`,
      ].join(', '),
    });
    expect(last.answer.body).toHaveLength(5);
    expect(last.headers).toHaveProperty('x-next-page', '');
  });

  it('comes in pages of a hundred at most', async () => {
    await using start = await given({ token: { scopes: ['read_api'] } });

    const path = '/projects/1/access_tokens?per_page=1000';
    const { headers } = await start.send('GET', path, { token: 'first' });

    expect(headers).toHaveProperty('x-per-page', '100');
  });
});

import { describe, expect, it } from 'vitest';
import { MOVED, PROJECT_404, RESOURCE_404, ROUTE_404, UNAUTHORIZED } from '../expected.ts';
import { BOTH, given } from '../given.ts';

describe.each(BOTH)('the %s in the path', (type) => {
  it('row 53: is not found where it is private and foreign', async () => {
    await using start = await given({ type });

    const { answer } = await start.rotate('first', {}, `/${type}s/2`);

    expect(answer).toEqual(RESOURCE_404[type]);
    expect((await start.probe('first')).answer.status).toBe(200);
  });

  it('row 54: does not know the token where it is public and foreign', async () => {
    await using start = await given({ type });

    const { answer } = await start.rotate('first', {}, `/${type}s/3`);

    expect(answer).toEqual(UNAUTHORIZED);
    expect((await start.probe('first')).answer.status).toBe(200);
  });

  it('row 55: does not know the token where it is internal and foreign', async () => {
    await using start = await given({ type });
    const add = type === 'project' ? start.gitlab.addProject : start.gitlab.addGroup;
    const { id } = add({ path: 'inside', visibility: 'internal' });

    const { answer } = await start.rotate('first', {}, `/${type}s/${id}`);

    expect(answer).toEqual(UNAUTHORIZED);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('is found by a member until the membership ends', async () => {
    await using start = await given({ type });
    const user = start.gitlab.addUser();
    start.gitlab.addMember(user, start.resource, 50, '2026-11-23');
    start.gitlab.createPersonalToken({ user, scopes: ['api'], value: 'leaver' });
    const list = () => start.send('GET', `${start.home}/access_tokens`, { token: 'leaver' });

    const before = await list();
    start.clock.now = new Date('2026-11-23T00:00:00Z');
    const after = await list();

    expect(before.answer.status).toBe(200);
    expect(after.answer).toEqual(RESOURCE_404[type]);
  });

  it.each(['999', 'group%2Fnope'])(
    'row 56: is not found where it does not exist, %s',
    async (id) => {
      await using start = await given({ type });

      const { answer } = await start.rotate('first', {}, `/${type}s/${id}`);

      expect(answer).toEqual(RESOURCE_404[type]);
    },
  );
});

describe('the project in the path', () => {
  it('row 57: may be its full path, encoded', async () => {
    await using start = await given();

    const { answer } = await start.rotate('first', {}, '/projects/group%2Fapp');

    expect(answer).toMatchObject({ status: 200, body: { resource_id: 1 } });
  });

  it('row 58: may not be its full path as it is', async () => {
    await using start = await given();

    const { answer } = await start.rotate('first', {}, '/projects/group/app');

    expect(answer).toEqual(ROUTE_404);
    expect((await start.probe('first')).answer.status).toBe(200);
  });

  it('row 59: is not taken by a former path, to which a GET is redirected', async () => {
    await using start = await given({ token: { scopes: ['api'] } });
    start.resource.path = 'group/moved';
    start.resource.formerPaths = ['group/app'];

    const rotation = await start.rotate('first', {}, '/projects/group%2Fapp');
    const list = await start.send('GET', '/projects/group%2Fapp/access_tokens', { token: 'first' });
    const one = await start.send('GET', '/projects/group%2Fapp/access_tokens/1', {
      token: 'first',
    });
    const byNumber = await start.rotate('first');

    expect(rotation.answer).toEqual(MOVED);
    expect(list.answer.status).toBe(301);
    expect(list.headers).toHaveProperty(
      'location',
      `${start.gitlab.url}/api/v4/projects/1/access_tokens`,
    );
    expect(list.answer.type).toBe('text/plain');
    expect(one.headers).toHaveProperty(
      'location',
      `${start.gitlab.url}/api/v4/projects/1/access_tokens/1`,
    );
    expect(byNumber.answer.status).toBe(200);
  });

  it('row 60: is not found while it is being deleted', async () => {
    await using start = await given();
    start.resource.deleted = true;

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(PROJECT_404);
  });

  it('row 61: does not know the token of its group', async () => {
    await using start = await given({ type: 'group' });

    const { answer } = await start.rotate('first', {}, '/projects/1');

    expect(answer).toEqual(UNAUTHORIZED);
    expect(start.alive('first')).toEqual({ first: true });
  });
});

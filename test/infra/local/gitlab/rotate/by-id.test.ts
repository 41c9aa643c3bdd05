import { describe, expect, it } from 'vitest';
import {
  ALREADY_REVOKED,
  BLOCKED,
  badRequest,
  EXPIRED,
  json,
  REVOKED,
  SCOPE_BY_ID,
  UNAUTHORIZED,
} from '../expected.ts';
import { BOTH, given, TODAY } from '../given.ts';

describe.each(BOTH)('rotating a %s token by its id', (type) => {
  it('row 99: is not for the scope self_rotate, not even on itself', async () => {
    await using start = await given({ type });

    const { answer } = await start.rotateById('first', 1);

    expect(answer).toEqual(SCOPE_BY_ID);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 100: is not for a bot, not even on itself', async () => {
    await using start = await given({ type, token: { scopes: ['api'], accessLevel: 50 } });

    const { answer } = await start.rotateById('first', 1);

    expect(answer).toEqual(UNAUTHORIZED);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it.each(type === 'project' ? ([40, 50] as const) : ([50] as const))(
    'row 101: is for a person of level %i',
    async (level) => {
      await using start = await given({ type });
      start.person(level);

      const { answer } = await start.rotateById('person', 1);
      const dated = await start.rotateById('person', 3, { expires_at: '2027-02-20' });

      expect(answer).toEqual(
        json(200, {
          id: 3,
          name: 'publish',
          revoked: false,
          created_at: `${TODAY}T09:03:36.008Z`,
          description: 'npm publish',
          scopes: ['self_rotate'],
          user_id: start.first.userId,
          last_used_at: null,
          active: true,
          expires_at: '2026-11-29',
          access_level: 40,
          resource_type: type,
          resource_id: 1,
          token: 'successor-1',
        }),
      );
      expect(dated.answer).toMatchObject({ status: 200, body: { expires_at: '2027-02-20' } });
      expect((await start.probe('first')).answer).toEqual(REVOKED);
    },
  );

  it('row 102: is refused for a token that was rotated, and spares its successor', async () => {
    await using start = await given({ type });
    start.person(50);
    await start.rotateById('person', 1);

    const { answer } = await start.rotateById('person', 1);

    expect(answer).toEqual(ALREADY_REVOKED);
    expect(start.alive('successor-1')).toEqual({ 'successor-1': true });
  });

  it('row 103: is refused to a Maintainer for a token of an Owner', async () => {
    await using start = await given({ type, token: { accessLevel: 50 } });
    start.person(40);

    const { answer } = await start.rotateById('person', 1);

    const level = badRequest('Not eligible to rotate token with access level higher than the user');
    expect(answer).toEqual(type === 'project' ? level : UNAUTHORIZED);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 103: is refused in other words from 19.0 on', async () => {
    const settings = { version: '19.0' };
    await using start = await given({ type, settings, token: { accessLevel: 50 } });
    start.person(40);

    const { answer } = await start.rotateById('person', 1);

    const level = badRequest('Not eligible to rotate tokens with permissions not held by the user');
    expect(answer).toEqual(type === 'project' ? level : UNAUTHORIZED);
  });

  it('row 104: is not for a Developer', async () => {
    await using start = await given({ type });
    start.person(30);

    const { answer } = await start.rotateById('person', 1);

    expect(answer).toEqual(UNAUTHORIZED);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 104: is refused for an unknown id', async () => {
    await using start = await given({ type });
    start.person(50);

    const { answer } = await start.rotateById('person', 999);

    expect(answer).toEqual(UNAUTHORIZED);
  });

  it('row 105: finds no unknown id for an administrator', async () => {
    await using start = await given({ type });
    start.person(undefined, { admin: true });

    const { answer } = await start.rotateById('person', 999);

    expect(answer).toEqual(json(404, { message: '404 Not Found' }));
  });

  it('row 106: revokes the family of a dead credential, not that of the id', async () => {
    await using start = await given({ type });
    start.person(50);
    await start.rotatePersonal('person');

    const { answer } = await start.rotateById('person', 1);

    expect(answer).toEqual(REVOKED);
    expect(start.alive('successor-1', 'first')).toEqual({ 'successor-1': false, first: true });
  });

  it('row 107: is refused where the group forbids such tokens, which are shown and still rotate themselves', async () => {
    await using start = await given({ type });
    const strict = start.gitlab.addGroup({ path: 'strict', accessTokensAllowed: false });
    start.resource.path = 'strict/below';
    start.gitlab.addMember(start.gitlab.user(start.person(undefined).userId), strict, 50);

    const shown = await start.send('GET', `${start.home}/access_tokens/1`, { token: 'person' });
    const byId = await start.rotateById('person', 1);
    const self = await start.rotate('first');

    expect(shown.answer.status).toBe(200);
    expect(byId.answer).toEqual(UNAUTHORIZED);
    expect(self.answer.status).toBe(200);
  });

  it('is for a service account as well', async () => {
    await using start = await given({ type });
    const user = start.gitlab.addUser({ kind: 'service_account' });
    start.gitlab.addMember(user, start.resource, 50);
    start.gitlab.createPersonalToken({ user, scopes: ['api'], value: 'service' });

    const { answer } = await start.rotateById('service', 1);

    expect(answer).toMatchObject({ status: 200, body: { user_id: start.first.userId } });
  });

  it.each(['read_api', 'self_rotate'])('is not for the scope %s of a person', async (scope) => {
    await using start = await given({ type });
    start.person(50, { scopes: [scope] });

    const shown = await start.send('GET', `${start.home}/access_tokens/1`, { token: 'person' });
    const { answer } = await start.rotateById('person', 1);

    expect(shown.answer.status).toBe(scope === 'read_api' ? 200 : 403);
    expect(answer).toEqual(SCOPE_BY_ID);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('is refused for a credential that has expired, and revokes nothing', async () => {
    await using start = await given({ type });
    start.person(50, { expiresAt: TODAY });

    const { answer } = await start.rotateById('person', 1);

    expect(answer).toEqual(EXPIRED);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('is refused to somebody who is blocked', async () => {
    await using start = await given({ type });
    start.gitlab.user(start.person(50).userId).state = 'blocked';

    const { answer } = await start.rotateById('person', 1);

    expect(answer).toEqual(BLOCKED);
    expect(start.alive('first')).toEqual({ first: true });
  });
});

import { describe, expect, it } from 'vitest';
import { ROUTE_404, UNAUTHORIZED } from '../expected.ts';
import { BOTH, given } from '../given.ts';

describe.each(BOTH)('an older GitLab, asked by a %s token', (type) => {
  it.each(['16.0', '16.8', '16.11', '17.8'])(
    'row 123: takes self for the id of a token (%s)',
    async (version) => {
      await using start = await given({ type, settings: { version }, token: { scopes: ['api'] } });

      const rotation = await start.rotate('first');
      const probe = await start.probe('first');

      expect(rotation.answer).toEqual(UNAUTHORIZED);
      expect(rotation.headers).not.toHaveProperty('www-authenticate');
      expect(probe.answer.status).toBe(200);
    },
  );

  it('row 124: has nothing to rotate with (15.11)', async () => {
    await using start = await given({
      type,
      settings: { version: '15.11' },
      token: { scopes: ['api'] },
    });

    const replies = [await start.rotate('first'), await start.rotatePersonal('first')];

    expect(replies.map(({ answer }) => answer)).toEqual([ROUTE_404, ROUTE_404]);
    expect((await start.probe('first')).answer.status).toBe(200);
  });
});

describe('the version that is running', () => {
  it('rotates with itself from 17.9 on', async () => {
    await using start = await given({ settings: { version: '17.9' } });

    const { answer } = await start.rotate('first');

    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('resource_type');
  });

  it('lets people rotate without a project in the path from 16.10 on', async () => {
    await using old = await given({ settings: { version: '16.9' } });
    await using start = await given({ settings: { version: '16.10' } });
    old.person(undefined);
    start.person(undefined);

    const before = await old.rotatePersonal('person');
    const after = await start.rotatePersonal('person');

    expect(before.answer).toEqual(UNAUTHORIZED);
    expect(after.answer.status).toBe(200);
  });

  it('has no probe before 15.5', async () => {
    await using start = await given({ settings: { version: '15.4' } });

    const { answer } = await start.probe('first');

    expect(answer).toEqual(ROUTE_404);
  });

  it('is told to those who may read, not to self_rotate alone', async () => {
    await using start = await given({ settings: { version: '18.2' } });
    start.person(undefined, { scopes: ['read_user'] });

    const plain = await start.send('GET', '/version', { token: 'person' });
    const refused = await start.send('GET', '/version', { token: 'first' });

    expect(plain.answer).toMatchObject({ status: 200, body: { version: '18.2.0-ee' } });
    expect(refused.answer.status).toBe(403);
  });

  it('refuses bots without a project in the path before 17.9', async () => {
    await using start = await given({ settings: { version: '17.8' }, token: { scopes: ['api'] } });

    const { answer } = await start.rotatePersonal('first');

    expect(answer).toEqual(UNAUTHORIZED);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('rotates by id from 16.0 on', async () => {
    await using old = await given({ settings: { version: '15.11' } });
    await using start = await given({ settings: { version: '16.0' } });
    old.person(40);
    start.person(40);

    const before = await old.rotateById('person', 1);
    const after = await start.rotateById('person', 1);

    expect(before.answer).toEqual(ROUTE_404);
    expect(after.answer.status).toBe(200);
  });

  it('knows no date of a rotation before 16.6', async () => {
    await using old = await given({ settings: { version: '16.5' } });
    await using start = await given({ settings: { version: '16.6' } });
    old.person(40);
    start.person(40);

    const before = await old.rotateById('person', 1, { expires_at: '2027-02-20' });
    const after = await start.rotateById('person', 1, { expires_at: '2027-02-20' });

    expect(before.answer).toMatchObject({ status: 200, body: { expires_at: '2026-11-29' } });
    expect(after.answer).toMatchObject({ status: 200, body: { expires_at: '2027-02-20' } });
  });

  it('keeps the end of a membership before 17.9', async () => {
    await using start = await given({ settings: { version: '17.8' } });
    const membership = start.gitlab.members.find(({ userId }) => userId === start.first.userId);
    Object.assign(membership ?? {}, { expiresAt: '2026-12-01' });
    start.person(40);

    await start.rotateById('person', 1);

    expect(membership).toMatchObject({ expiresAt: '2026-12-01' });
  });

  it.each([
    ['17.6', [], ['description', 'last_used_ips', 'expired', 'granular']],
    ['17.9', ['description'], ['last_used_ips', 'expired', 'granular']],
    ['17.10', ['description', 'last_used_ips'], ['expired', 'granular']],
    ['19.5', ['description', 'last_used_ips', 'expired', 'granular'], []],
  ])('shows in %s the fields %j beside those of always', async (version, shown, missing) => {
    await using start = await given({ settings: { version } });

    const { answer } = await start.probe('first');

    const fields = Object.keys(answer.body as object);
    expect(fields).toEqual(expect.arrayContaining(['id', 'scopes', 'user_id', ...shown]));
    expect(fields.filter((field) => missing.includes(field))).toEqual([]);
  });

  it.each([
    ['18.6', ['created_at', 'description', 'last_used_at', 'active', 'expires_at']],
    ['19.5', ['active', 'revoked', 'expired', 'granular', 'created_at']],
  ])('shows in %s these fields in this order: %j', async (version, ordered) => {
    await using start = await given({ settings: { version } });

    const { answer } = await start.probe('first');

    const fields = Object.keys(answer.body as object);
    expect(fields.filter((field) => ordered.includes(field))).toEqual(ordered);
  });

  it.each([
    ['18.6', false],
    ['19.5', true],
  ])('shows in %s the addresses in the answer to a rotation: %s', async (version, isShown) => {
    await using start = await given({ settings: { version } });
    start.person(40);

    const { answer: byItself } = await start.rotate('first');
    const { answer: byId } = await start.rotateById('person', start.gitlab.tokens.length);
    const { answer: personal } = await start.rotatePersonal('person');

    const shown = [byItself, byId, personal].map(({ body }) =>
      Object.hasOwn(body as object, 'last_used_ips'),
    );
    expect(shown).toEqual([isShown, isShown, false]);
  });

  it('filters no lists before 17.2', async () => {
    const listed = async (version: string) => {
      const token = { scopes: ['read_api'] };
      await using start = await given({ settings: { version }, token });
      const { resource, gitlab } = start;
      gitlab.revoke(gitlab.createAccessToken({ resource, scopes: ['api'] }).id);
      const path = '/projects/1/access_tokens?state=active';
      return (await start.send('GET', path, { token: 'first' })).answer.body;
    };

    expect(await listed('17.1')).toHaveLength(2);
    expect(await listed('17.2')).toHaveLength(1);
  });
});

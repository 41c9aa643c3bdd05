import { describe, expect, it } from 'vitest';
import { json, SCOPE } from '../expected.ts';
import { BOTH, given, TODAY } from '../given.ts';

const OTHER_SCOPES = [
  'read_api',
  'read_user',
  'read_repository',
  'write_repository',
  'read_registry',
  'write_registry',
  'create_runner',
  'manage_runner',
  'k8s_proxy',
  'ai_features',
];
// The fields of the two answers, in the order in which GitLab writes them.
const PERSONAL_ANSWER = {
  id: 2,
  name: 'publish',
  revoked: false,
  created_at: `${TODAY}T09:03:36.008Z`,
  description: 'npm publish',
  scopes: ['self_rotate'],
  user_id: 1,
  last_used_at: null,
  active: true,
  expires_at: '2026-11-29',
};

describe.each(BOTH)('rotating a %s token with itself', (type) => {
  it('row 1: gives a successor for a week and revokes the token', async () => {
    await using start = await given({ type });

    const { answer, headers } = await start.rotate('first');

    expect(answer).toEqual(
      json(200, {
        ...PERSONAL_ANSWER,
        access_level: 40,
        resource_type: type,
        resource_id: 1,
        token: 'successor-1',
      }),
    );
    expect(headers).toMatchObject({
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    });
    expect(start.alive('first', 'successor-1')).toEqual({ first: false, 'successor-1': true });
  });

  it.each(['2026-12-22', '2027-02-20'])(
    'row 2: keeps the date that was asked for, %s',
    async (date) => {
      await using start = await given({ type });

      const { answer } = await start.rotate('first', { expires_at: date });

      expect(answer).toMatchObject({ status: 200, body: { expires_at: date } });
    },
  );

  it.each(['api', 'self_rotate'])('row 3: takes the scope %s alone', async (scope) => {
    await using start = await given({ type, token: { scopes: [scope] } });

    const { answer } = await start.rotate('first');

    expect(answer).toMatchObject({ status: 200, body: { scopes: [scope] } });
  });

  it('row 4: keeps other scopes beside self_rotate', async () => {
    const scopes = ['read_api', 'self_rotate'];
    await using start = await given({ type, token: { scopes } });

    const { answer } = await start.rotate('first');

    expect(answer).toMatchObject({ status: 200, body: { scopes } });
  });

  it.each(OTHER_SCOPES)('row 5: refuses the scope %s alone', async (scope) => {
    await using start = await given({ type, token: { scopes: [scope] } });

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(SCOPE);
    expect((await start.probe('first')).answer.status).toBe(200);
  });

  it('row 6: asks for no role: a Guest rotates too', async () => {
    await using start = await given({ type, token: { accessLevel: 10 } });

    const { answer } = await start.rotate('first');

    expect(answer).toMatchObject({ status: 200, body: { access_level: 10 } });
  });

  it('row 7: needs no project or group in the path', async () => {
    await using start = await given({ type });

    const { answer } = await start.rotatePersonal('first');

    expect(answer).toEqual(json(200, { ...PERSONAL_ANSWER, token: 'successor-1' }));
    expect(start.alive('first', 'successor-1')).toEqual({ first: false, 'successor-1': true });
  });
});

describe('rotating a personal token with itself', () => {
  describe.each([
    ['an administrator', true],
    ['a plain user', false],
  ])('of %s', (_, admin) => {
    it('row 8: gives a successor, for a week or until a date', async () => {
      await using start = await given();
      const { userId } = start.person(undefined, { admin });

      const { answer: week } = await start.rotatePersonal('person');
      const { answer: dated } = await start.rotatePersonal('successor-1', {
        expires_at: '2027-02-20',
      });

      expect(week).toMatchObject({
        status: 200,
        body: { user_id: userId, expires_at: '2026-11-29', token: 'successor-1' },
      });
      expect(dated).toMatchObject({ status: 200, body: { expires_at: '2027-02-20' } });
      expect(start.alive('person', 'successor-1', 'successor-2')).toEqual({
        person: false,
        'successor-1': false,
        'successor-2': true,
      });
    });

    it.each([[['api']], [['self_rotate']], [['read_api', 'self_rotate']]])(
      'row 8: takes and keeps the scopes %j',
      async (scopes) => {
        await using start = await given();
        start.person(undefined, { admin, scopes });

        const { answer } = await start.rotatePersonal('person');

        expect(answer).toMatchObject({ status: 200, body: { scopes } });
      },
    );

    it.each(OTHER_SCOPES)('row 8: refuses the scope %s alone', async (scope) => {
      await using start = await given();
      start.person(undefined, { admin, scopes: [scope] });

      const { answer } = await start.rotatePersonal('person');

      expect(answer).toEqual(SCOPE);
      expect(start.alive('person')).toEqual({ person: true });
    });
  });

  it('row 9: takes an impersonation token, whose successor is one too', async () => {
    await using start = await given();
    start.person(undefined, { impersonation: true });

    const { answer } = await start.rotatePersonal('person');

    expect(answer.status).toBe(200);
    expect(start.gitlab.tokens.at(-1)).toMatchObject({ impersonation: true, predecessorId: 2 });
  });

  it('row 10: says nothing of granular scopes for a legacy token', async () => {
    await using start = await given();
    start.person(undefined);

    const { answer } = await start.rotatePersonal('person');

    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('granular_scopes');
  });

  it('row 11: repeats the grants of a granular token that may rotate', async () => {
    const granularScopes = [{ access: 'user', permissions: ['rotate_personal_access_token'] }];
    await using start = await given({ settings: { version: '19.5' } });
    start.person(undefined, { scopes: ['granular'], granularScopes });

    const { answer } = await start.rotatePersonal('person');

    expect(answer).toMatchObject({
      status: 200,
      body: { granular: true, granular_scopes: granularScopes },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { EXPIRED, json, REVOKED, UNAUTHORIZED } from '../expected.ts';
import { given, TODAY } from '../given.ts';

const SCOPES = [
  'api',
  'self_rotate',
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

describe('the probe', () => {
  it.each(SCOPES)('row 91: answers a token with the scope %s alone', async (scope) => {
    await using start = await given({ token: { scopes: [scope] } });

    const { answer } = await start.probe('first');

    expect(answer).toEqual(
      json(200, {
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
      }),
    );
  });

  it('row 92: tells unknown, expired and revoked apart', async () => {
    await using start = await given();
    const { resource, gitlab } = start;
    const expired = { resource, scopes: ['api'], expiresAt: '2026-11-21', value: 'expired' };
    gitlab.createAccessToken(expired);
    gitlab.revoke(start.first.id);

    const unknown = await start.probe('nobody');
    const tooOld = await start.probe('expired');
    const revoked = await start.probe('first');

    expect(unknown.answer).toEqual(UNAUTHORIZED);
    expect(tooOld.answer).toEqual(EXPIRED);
    expect(revoked.answer).toEqual(REVOKED);
  });

  it('row 93: calls a token expired that is revoked as well', async () => {
    await using start = await given({ token: { expiresAt: '2026-11-21' } });
    start.gitlab.revoke(start.first.id);

    const { answer } = await start.probe('first');

    expect(answer).toEqual(EXPIRED);
  });

  it('row 94: notes the use of a token once in ten minutes', async () => {
    await using start = await given();
    const usedAt = async (time: string) => {
      start.clock.now = new Date(`${TODAY}T${time}Z`);
      const { answer } = await start.probe('first');
      return (answer.body as { last_used_at: string }).last_used_at;
    };

    const fresh = await usedAt('10:00:00.000');
    const soon = await usedAt('10:09:59.999');
    const later = await usedAt('10:10:00.000');

    expect(fresh).toBe(`${TODAY}T10:00:00.000Z`);
    expect(soon).toBe(fresh);
    expect(later).toBe(`${TODAY}T10:10:00.000Z`);
  });
});

describe('revoking a token with itself', () => {
  it.each(SCOPES)('row 96: is allowed to the scope %s alone', async (scope) => {
    await using start = await given({ token: { scopes: [scope] } });

    const { answer, headers } = await start.revoke('first');

    expect(answer).toEqual({ status: 204, type: '', body: '' });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    expect((await start.probe('first')).answer).toEqual(REVOKED);
    expect(start.gitlab.tokens[0]).toMatchObject({ revokedBy: 'request' });
  });

  it('row 97: is refused the second time', async () => {
    await using start = await given();
    await start.revoke('first');

    const { answer } = await start.revoke('first');

    expect(answer).toEqual(REVOKED);
  });
});

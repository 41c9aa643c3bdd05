import { describe, expect, it } from 'vitest';
import { BOTH, given, TODAY } from '../given.ts';

describe('a successor', () => {
  it('row 12: rotates in its turn, and so on', async () => {
    await using start = await given();

    const first = await start.rotate('first');
    const second = await start.rotate('successor-1');
    const probe = await start.probe('successor-2');

    expect([first, second, probe].map(({ answer }) => answer.status)).toEqual([200, 200, 200]);
  });

  it.each(BOTH)('row 13: is a new token of the same bot (%s)', async (type) => {
    await using start = await given({ type, token: { name: 'release', accessLevel: 30 } });
    await start.probe('first');
    start.clock.now = new Date(`${TODAY}T10:00:00.000Z`);

    const { answer } = await start.rotate('first');

    expect(answer.body).toMatchObject({
      id: 2,
      name: 'release',
      description: 'npm publish',
      scopes: ['self_rotate'],
      user_id: start.first.userId,
      access_level: 30,
      created_at: `${TODAY}T10:00:00.000Z`,
      last_used_at: null,
      active: true,
    });
  });

  // Rows 14 to 17 are about the service behind the endpoint; over HTTP they read the same.
  it('row 14: keeps the kind of user and what it was made for', async () => {
    await using start = await given();
    const bot = structuredClone(start.gitlab.user(start.first.userId));

    await start.rotate('first');

    const [first, successor] = start.gitlab.tokens;
    expect(first).toMatchObject({ revoked: true, revokedBy: 'rotation' });
    expect(successor).toMatchObject({ revoked: false, predecessorId: 1, userId: bot.id });
    expect(start.gitlab.user(bot.id)).toEqual(bot);
    expect(bot).toMatchObject({
      kind: 'project_bot',
      resource: { type: 'project', id: 1 },
    });
  });

  it('row 15: expires sixty days from today where that was asked for', async () => {
    await using start = await given();

    await start.rotate('first', { expires_at: '2027-01-21' });

    expect(start.gitlab.tokens.at(-1)).toMatchObject({ expiresAt: '2027-01-21' });
  });

  it('row 16: has a membership without an end', async () => {
    await using start = await given();
    const membership = start.gitlab.members.find(({ userId }) => userId === start.first.userId);
    Object.assign(membership ?? {}, { expiresAt: '2026-12-01' });

    await start.rotate('first');

    expect(membership).toMatchObject({ expiresAt: null });
  });

  it('row 17: is still made for a bot where granular tokens are enforced', async () => {
    await using start = await given({
      settings: { version: '19.5', legacyRotationDisabled: true },
    });

    const { answer } = await start.rotate('first');

    expect(answer.status).toBe(200);
  });

  it('row 17: is not made for a person where granular tokens are enforced', async () => {
    await using start = await given({
      settings: { version: '19.5', legacyRotationDisabled: true },
    });
    start.person(undefined);

    const { answer } = await start.rotatePersonal('person');

    expect(answer).toMatchObject({
      status: 400,
      body: {
        message:
          '400 Bad request - Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.',
      },
    });
    expect(start.gitlab.tokens).toHaveLength(2);
    expect(start.alive('person')).toEqual({ person: true });
  });
});

describe('the successor of a granular token', () => {
  it('is made for a person, too, where granular tokens are enforced', async () => {
    const granularScopes = [{ access: 'user', permissions: ['rotate_personal_access_token'] }];
    await using start = await given({
      settings: { version: '19.5', legacyRotationDisabled: true },
    });
    start.person(undefined, { scopes: ['granular'], granularScopes });

    const { answer } = await start.rotatePersonal('person');

    expect(answer.status).toBe(200);
  });
});

describe('the value of a token', () => {
  it('row 18: begins with glpat-, has two dots and 51 characters', async () => {
    await using start = await given({ settings: { tokenValues: 'routable' } });

    const { answer } = await start.rotate('first');

    const { token } = answer.body as { token: string };
    expect(token).toMatch(/^glpat-[\w-]{32}\.01\.0w[0-9a-z]{7}$/);
    expect(token).toHaveLength(51);
    const payload = Buffer.from(token.slice(6, 38), 'base64url').subarray(16).toString('latin1');
    expect(payload).toBe('o:1\nu:1\u0007');
  });

  it.each([
    ['another prefix', 'acme-', 'acme-12345678901234567890'],
    ['no prefix', '', 'abcdefghijklmnopqrstuvwxyz'],
  ])('row 19: may have %s, or an older form', async (_, tokenPrefix, value) => {
    const settings = { tokenValues: 'routable', tokenPrefix } as const;
    await using start = await given({ settings, token: { value } });

    const { answer } = await start.rotate(value);
    const { token } = answer.body as { token: string };
    const probe = await start.probe(token);

    expect(token.startsWith(tokenPrefix)).toBe(true);
    expect(token).toHaveLength(tokenPrefix.length + 45);
    expect(probe.answer.status).toBe(200);
  });
});

import { describe, expect, it } from 'vitest';
import {
  BLOCKED,
  challenge,
  EXPIRED,
  IMPERSONATION,
  NOT_ALLOWED,
  REVOKED,
  TOO_MANY_IPS,
  UNAUTHORIZED,
} from '../expected.ts';
import { BOTH, given, TODAY } from '../given.ts';

describe.each(BOTH)('who may rotate a %s token with itself', (type) => {
  it.each([
    ['no credential', {}],
    ['an empty Bearer', { authorization: 'Bearer ' }],
  ])('row 37: not a caller with %s', async (_, headers) => {
    await using start = await given({ type });

    const reply = await start.send('POST', `${start.home}/access_tokens/self/rotate`, { headers });

    expect(reply.answer).toEqual(UNAUTHORIZED);
    expect(reply.headers).not.toHaveProperty('www-authenticate');
  });

  it('row 38: not an unknown token', async () => {
    await using start = await given({ type });

    const replies = [await start.rotate('nobody'), await start.rotatePersonal('nobody')];

    for (const { answer, headers } of replies) {
      expect(answer).toEqual(UNAUTHORIZED);
      expect(headers).not.toHaveProperty('www-authenticate');
    }
  });

  it('row 39: not a token that expired yesterday', async () => {
    await using start = await given({ type, token: { expiresAt: '2026-11-21' } });

    const replies = [await start.rotate('first'), await start.rotatePersonal('first')];

    for (const { answer, headers } of replies) {
      expect(answer).toEqual(EXPIRED);
      expect(headers).toHaveProperty('www-authenticate', challenge(EXPIRED));
    }
  });

  it('row 40: not a token that expires today', async () => {
    await using start = await given({ type, token: { expiresAt: TODAY } });

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(EXPIRED);
  });

  it('row 41: not a revoked token', async () => {
    await using start = await given({ type });
    start.gitlab.revoke(start.first.id);

    const replies = [await start.rotate('first'), await start.rotatePersonal('first')];

    for (const { answer, headers } of replies) {
      expect(answer).toEqual(REVOKED);
      expect(headers).toHaveProperty('www-authenticate', challenge(REVOKED));
    }
  });

  it('row 42: not the personal token of a member', async () => {
    await using start = await given({ type });
    start.person(40);

    const { answer } = await start.rotate('person');

    expect(answer).toEqual(NOT_ALLOWED);
    expect((await start.probe('person')).answer.status).toBe(200);
  });

  it('row 43: not the personal token of an administrator', async () => {
    await using start = await given({ type });
    start.person(undefined, { admin: true });

    const { answer } = await start.rotate('person');

    expect(answer).toEqual(NOT_ALLOWED);
  });

  it('row 44: not the personal token of a service account', async () => {
    await using start = await given({ type });
    const user = start.gitlab.addUser({ kind: 'service_account' });
    start.gitlab.addMember(user, start.resource, 40);
    start.gitlab.createPersonalToken({ user, scopes: ['api'], value: 'service' });

    const { answer } = await start.rotate('service');

    expect(answer).toEqual(NOT_ALLOWED);
    expect(start.alive('service')).toEqual({ service: true });
  });

  it('row 49: not a blocked bot', async () => {
    await using start = await given({ type });
    start.gitlab.user(start.first.userId).state = 'blocked';

    const replies = [await start.rotate('first'), await start.probe('first')];

    expect(replies.map(({ answer }) => answer)).toEqual([BLOCKED, BLOCKED]);
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 49: not a deactivated bot, which is told in another sentence', async () => {
    await using start = await given({ type });
    start.gitlab.user(start.first.userId).state = 'deactivated';

    const replies = [await start.rotate('first'), await start.probe('first')];

    for (const { answer } of replies) {
      expect(answer).toMatchObject({
        status: 403,
        body: { message: expect.stringMatching(/^403 Forbidden - .*deactivated/) },
      });
    }
  });

  it('row 50: not a user who comes from too many addresses', async () => {
    await using start = await given({ type, settings: { tooManyIps: true } });

    const replies = [await start.rotate('first'), await start.probe('first')];

    expect(replies.map(({ answer }) => answer)).toEqual([TOO_MANY_IPS, TOO_MANY_IPS]);
  });

  it('row 52: nobody, where personal access tokens are disabled', async () => {
    await using start = await given({ type, settings: { tokensDisabled: true } });

    const replies = [await start.rotate('first'), await start.probe('first')];

    expect(replies.map(({ answer }) => answer)).toEqual([UNAUTHORIZED, UNAUTHORIZED]);
  });
});

describe('who may rotate a personal token with itself', () => {
  it('row 51: any other token, where impersonation is disabled', async () => {
    await using start = await given({ settings: { impersonationDisabled: true } });
    start.person(undefined);

    const { answer } = await start.rotatePersonal('person');

    expect(answer.status).toBe(200);
  });

  it('row 51: not an impersonation token where impersonation is disabled', async () => {
    await using start = await given({ settings: { impersonationDisabled: true } });
    start.person(undefined, { impersonation: true });

    const replies = [await start.rotatePersonal('person'), await start.probe('person')];

    for (const { answer, headers } of replies) {
      expect(answer).toEqual(IMPERSONATION);
      expect(headers).toHaveProperty('www-authenticate', challenge(IMPERSONATION));
    }
  });
});

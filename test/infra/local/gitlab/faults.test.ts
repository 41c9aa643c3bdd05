import { describe, expect, it } from 'vitest';
import {
  badGateway,
  crash,
  gatewayTimeout,
  locked,
  loginPage,
  redirectTo,
  serviceUnavailable,
} from '../../../../infra/local/gitlab/api/fault-answers.ts';
import type { FaultEffect } from '../../../../infra/local/server/faults.ts';
import { badRequest, CRASH, json, READ_ONLY } from './expected.ts';
import { given, TODAY } from './given.ts';

const ROTATED = { first: false, 'successor-1': true };
const SELF = '/personal_access_tokens/self';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('a GitLab that does not do what it is asked', () => {
  it('row 116: refuses everything while it is asked too often', async () => {
    await using start = await given({ settings: { retryAfterSeconds: 30 } });

    const { answer, headers } = await start.rotate('first');

    const reset = Date.parse(`${TODAY}T09:04:06Z`);
    expect(answer).toEqual({ status: 429, type: 'text/plain', body: 'Retry later\n' });
    expect(headers).toMatchObject({
      'retry-after': '30',
      'ratelimit-name': expect.any(String),
      'ratelimit-limit': '1',
      'ratelimit-observed': '2',
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(reset / 1000),
      'ratelimit-resettime': new Date(reset).toUTCString(),
    });
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 117: writes nothing while it is read-only', async () => {
    await using start = await given({ settings: { readOnly: true } });

    const rotation = await start.rotate('first', {});
    const revocation = await start.send('DELETE', SELF, { token: 'first', headers: JSON_TYPE });
    const probe = await start.probe('first');

    expect([rotation.answer, revocation.answer]).toEqual([READ_ONLY, READ_ONLY]);
    expect(probe.answer.status).toBe(200);
  });

  it('row 117: sends requests that are not JSON to a page while it is read-only', async () => {
    await using start = await given({ settings: { readOnly: true } });

    const replies = [await start.rotate('first'), await start.revoke('first')];

    for (const { answer, headers } of replies) {
      expect(answer).toEqual({ status: 301, type: '', body: '' });
      expect(headers).toHaveProperty('location', `${start.gitlab.url}/`);
    }
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 118: says so when it could not revoke', async () => {
    await using start = await given({ settings: { revokingFails: true } });

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(badRequest('Failed to revoke token'));
    expect(start.alive('first')).toEqual({ first: true });
  });

  it('row 119: has changed nothing when it crashes before the commit', async () => {
    await using start = await given();
    const effect: FaultEffect = { kind: 'answer', answer: crash() };
    start.gitlab.faults.add({ operation: 'rotate', at: 'before', effect });

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(CRASH);
    expect(start.alive('first')).toEqual({ first: true });
    expect(start.gitlab.tokens).toHaveLength(1);
  });

  it('row 119: has rotated when it crashes after the commit', async () => {
    await using start = await given();
    const effect: FaultEffect = { kind: 'answer', answer: crash() };
    start.gitlab.faults.add({ operation: 'rotate', at: 'after', effect });

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(CRASH);
    expect(start.alive('first', 'successor-1')).toEqual(ROTATED);
  });

  it.each([
    [502, badGateway()],
    [503, serviceUnavailable()],
    [504, gatewayTimeout()],
  ])('row 120: has rotated when nginx answers %i after the commit', async (status, answer) => {
    await using start = await given();
    const effect: FaultEffect = { kind: 'answer', answer };
    start.gitlab.faults.add({ operation: 'rotate', at: 'after', effect });

    const reply = await start.rotate('first');

    expect(reply.answer).toMatchObject({ status, type: 'text/html' });
    expect(reply.answer.body).toContain('<center>nginx</center>');
    expect(start.alive('first', 'successor-1')).toEqual(ROTATED);
  });

  it('row 120: has rotated when the connection is reset after the commit', async () => {
    await using start = await given();
    start.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });

    const rotation = start.rotate('first');

    await expect(rotation).rejects.toThrow();
    expect(start.alive('first', 'successor-1')).toEqual(ROTATED);
    expect(start.gitlab.rotateRequests).toEqual([
      { operation: 'rotate', at: expect.any(Date), tokenId: 1, deadToken: false },
    ]);
  });

  it('row 120: has rotated when it falls silent after the commit', async () => {
    await using start = await given();
    const caller = new AbortController();
    // Gives up when GitLab has committed, so that nobody waits for a time-out.
    start.gitlab.faults.add({
      operation: 'rotate',
      at: 'after',
      effect: { kind: 'run', run: () => caller.abort() },
    });
    start.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'hang' } });

    const rotation = start.send('POST', `${start.home}/access_tokens/self/rotate`, {
      token: 'first',
      signal: caller.signal,
    });

    await expect(rotation).rejects.toThrow('abort');
    expect(start.alive('first', 'successor-1')).toEqual(ROTATED);
  });

  it('row 121: has rotated when its answer is cut in the middle', async () => {
    await using start = await given();
    start.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'cut' } });

    const rotation = start.rotate('first');

    await expect(rotation).rejects.toThrow();
    expect(start.alive('first', 'successor-1')).toEqual(ROTATED);
  });

  it.each([
    ['redirects to', redirectTo('https://login.example/'), 302],
    ['shows', loginPage(), 200],
  ])(
    'row 122: sees nothing of what a proxy answers that %s a login page',
    async (_, page, status) => {
      await using start = await given();
      const effect: FaultEffect = { kind: 'answer', answer: page };
      start.gitlab.faults.add({ operation: '*', at: 'before', effect, times: 2 });

      const replies = [await start.probe('first'), await start.rotate('first')];

      for (const { answer, headers } of replies) {
        expect(answer).toMatchObject({ status, type: 'text/html' });
        expect(headers['location']).toBe(page.headers?.['Location']);
      }
      expect((await start.probe('first')).answer.status).toBe(200);
    },
  );

  it('can be sent the same request again, after it was done: the successor dies', async () => {
    await using start = await given();
    start.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'twice' } });

    const { answer } = await start.rotate('first');

    expect(answer.status).toBe(401);
    expect(start.alive('first', 'successor-1')).toEqual({ first: false, 'successor-1': false });
  });

  it('can be sent the same request twice at once: two successors live', async () => {
    await using start = await given();
    const hold = start.gitlab.hold('before-commit', 2);
    start.gitlab.faults.add({ operation: 'rotate', at: 'before', effect: { kind: 'twice' } });

    const rotation = start.rotate('first');
    await hold.arrived;
    hold.release();

    expect((await rotation).answer.status).toBe(200);
    expect(start.alive('first', 'successor-1', 'successor-2')).toEqual({
      first: false,
      'successor-1': true,
      'successor-2': true,
    });
  });

  it('may have trouble with a lock', async () => {
    await using start = await given();
    const effect: FaultEffect = { kind: 'answer', answer: locked() };
    start.gitlab.faults.add({ operation: 'rotate', at: 'before', effect });

    const { answer } = await start.rotate('first');

    expect(answer).toEqual(json(409, { message: '409 Conflict: Resource lock' }));
  });
});

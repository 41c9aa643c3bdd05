import { describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../infra/local/faults.ts';
import {
  badGateway,
  crash,
  nginxPage,
  rateLimited,
  redirectTo,
} from '../../../infra/local/gitlab/fault-answers.ts';
import { tokenExpiry } from '../../../lambda/rotation/token-expiry.ts';
import { type Rig, startRig } from '../../rig.ts';

/** Does something between the last probe of the token and the rotate request. */
function beforeRotating(rig: Rig, run: () => unknown): void {
  rig.gitlab.faults.add({ operation: 'probe', at: 'after', nth: 2, effect: { kind: 'run', run } });
}

function onRotate(rig: Rig, at: 'before' | 'after', effect: FaultEffect, times = 1): void {
  rig.gitlab.faults.add({ operation: 'rotate', at, effect, times });
}

const unknownEffects: readonly (readonly [string, FaultEffect])[] = [
  ['a reset', { kind: 'reset' }],
  ['a 500', { kind: 'answer', answer: crash() }],
  ['a 502 page', { kind: 'answer', answer: badGateway() }],
  ['a redirect', { kind: 'answer', answer: redirectTo('https://login.example.com/') }],
  ['a login page', { kind: 'answer', answer: { status: 200, body: '<html></html>' } }],
];

describe('when nothing happened', () => {
  it('sends the request again as soon as GitLab can be reached', async () => {
    await using rig = await startRig();
    beforeRotating(rig, () => rig.gitlab.pause());
    rig.clock.whileAsleep = async () => {
      rig.clock.whileAsleep = () => undefined;
      await rig.gitlab.resume();
    };

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([250]);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
  });

  it('uses the last moment in which there is time enough', async () => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 35_250;
    beforeRotating(rig, () => rig.gitlab.pause());
    rig.clock.whileAsleep = () => rig.gitlab.resume();

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('sends nothing when proving the write has taken the time', async () => {
    await using rig = await startRig();
    beforeRotating(rig, () => rig.clock.advance(25_001));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'NOT_ENOUGH_TIME',
      details: { remainingMs: 34_999 },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('gives up while there is still time to tell', async () => {
    await using rig = await startRig();
    beforeRotating(rig, () => rig.gitlab.pause());

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'GITLAB_UNREACHABLE' });

    expect(rig.gitlab.isAlive('first')).toBe(true);
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('gives up on a request that cannot be sent in the time that is left', async () => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 35_100;
    beforeRotating(rig, () => rig.gitlab.pause());

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { reason: 'ECONNREFUSED' },
    });
  });

  it('names the obstacle, not the time, when the time has run down because of it', async () => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 40_000;
    onRotate(rig, 'before', { kind: 'answer', answer: rateLimited(1) }, 5);
    // The probe after the pause takes its time.
    rig.clock.whileAsleep = () =>
      rig.gitlab.faults.add({
        operation: 'probe',
        at: 'after',
        effect: { kind: 'run', run: () => rig.clock.advance(4_500) },
      });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'GITLAB_RATE_LIMITED' });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('waits as long as the rate limiter asks', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: rateLimited(7) });

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([7_000]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('leaves it to the next run when the rate limiter asks for more than there is', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: rateLimited(45) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_RATE_LIMITED',
      details: { retryAfterSeconds: 45, status: 429 },
    });

    expect(rig.clock.pauses).toEqual([]);
    expect(rig.gitlab.isAlive('first')).toBe(true);
  });

  it('waits the usual pause when the rate limiter names none', async () => {
    await using rig = await startRig();
    const { Retry: _, ...answer } = { Retry: 0, status: 429, body: 'Retry later\n' };
    onRotate(rig, 'before', { kind: 'answer', answer }, 2);

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([250, 500]);
  });

  it('does not present the token again when it died during the pause', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: rateLimited(1) });
    rig.clock.whileAsleep = () => rig.gitlab.revoke(rig.firstTokenId);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });
});

describe('when GitLab finds the date too far', () => {
  it('takes the date that GitLab names, and warns', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 400 } });

    await rig.run('createSecret');

    const { expiresAt } = rig.gitlab.tokens.at(-1) ?? {};
    const farthest = new Date(rig.clock.now().getTime() + 365 * 86_400_000);
    expect(expiresAt).toBe(farthest.toISOString().slice(0, 10));
    expect(rig.gitlab.rotateRequests.map(({ status }) => status)).toEqual([400, 200]);
    expect(rig.log).toContainEqual({
      message: 'GitLab allows a shorter lifetime than TOKEN_LIFETIME_DAYS',
      details: expect.objectContaining({ allowed: expiresAt }),
    });
  });

  it('takes the earliest of several dates', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 400 } });
    rig.gitlab.settings.secondMaxDays = 30;

    await rig.run('createSecret');

    const farthest = new Date(rig.clock.now().getTime() + 30 * 86_400_000);
    expect(rig.gitlab.tokens.at(-1)?.expiresAt).toBe(farthest.toISOString().slice(0, 10));
  });

  it('never asks for a token that would be dead at once', async () => {
    await using rig = await startRig();
    const today = rig.clock.now().toISOString().slice(0, 10);
    const body = JSON.stringify({ message: `400 Bad request - must be before ${today}` });
    onRotate(rig, 'before', {
      kind: 'answer',
      answer: { status: 400, headers: { 'content-type': 'application/json' }, body },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'request-invalid' },
    });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.gitlab.isAlive('first')).toBe(true);
  });

  it('asks once more only', async () => {
    await using rig = await startRig();
    const body = JSON.stringify({ message: '400 Bad request - must be before 2999-01-01' });
    onRotate(
      rig,
      'before',
      {
        kind: 'answer',
        answer: { status: 400, headers: { 'content-type': 'application/json' }, body },
      },
      5,
    );

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { expiresAt: '2999-01-01' },
    });

    expect(rig.gitlab.rotateRequests).toHaveLength(2);
  });
});

describe('when the successor would be born dead by GitLab’s clock', () => {
  it('does not ask for it', async () => {
    await using rig = await startRig();
    const ahead = new Date(rig.clock.now().getTime() + 91 * 86_400_000);
    const body = JSON.stringify({ id: 1, scopes: ['self_rotate'] });
    const answer = { status: 200, headers: { date: ahead.toUTCString() }, body };
    const effect = { kind: 'answer', answer } as const;
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', times: 2, effect });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'clocks-differ', expiresAt: tokenExpiry(rig.clock.now(), 90) },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.gitlab.isAlive('first')).toBe(true);
  });
});

describe('when GitLab refuses', () => {
  it.each([
    ['read-only', (rig: Rig) => Object.assign(rig.gitlab.settings, { readOnly: true })],
    ['not-a-member', (rig: Rig) => rig.gitlab.addProject({ path: 'public', visibility: 'public' })],
    ['project-not-found', (rig: Rig) => rig.gitlab.addProject({ path: 'private/other' })],
  ])('says that it is for %s, and leaves the token alone', async (refusal, arrange) => {
    await using rig = await startRig({
      secretString: () =>
        JSON.stringify({ token: 'first', projectId: refusal === 'read-only' ? 1 : 2 }),
    });
    arrange(rig);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal },
    });

    expect(rig.gitlab.isAlive('first')).toBe(true);
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    // GitLab's own word needs no proof.
    expect(rig.gitlab.calls.findLast(({ operation }) => operation !== 'version')).toMatchObject({
      operation: 'rotate',
    });
  });

  it('believes the rotate endpoint that the scope is missing, whatever the probe said', async () => {
    await using rig = await startRig();
    const body = JSON.stringify({ error: 'insufficient_scope', scope: 'api self_rotate' });
    onRotate(rig, 'before', {
      kind: 'answer',
      answer: { status: 403, headers: { 'content-type': 'application/json' }, body },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
  });

  it('makes sure that a refusal which is not of GitLab’s changed nothing', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: nginxPage(413) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'not-gitlab', status: 413 },
    });

    expect(rig.gitlab.calls.map(({ operation }) => operation)).toEqual([
      'probe',
      'probe',
      'rotate',
      'probe',
    ]);
  });

  it.each([
    [408, '{"message":"Request Timeout"}'],
    [499, '{"error":"client closed request"}'],
    [422, '{"message":"no"}'],
  ])('takes a %i, which GitLab does not send, for no refusal at all', async (status, body) => {
    await using rig = await startRig();
    onRotate(rig, 'after', { kind: 'answer', answer: { status, body } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it.each([
    [401, '{"error":"invalid_dpop_proof"}'],
    [403, '{"message":"403 Forbidden by something else"}'],
  ])('makes sure of a %i in words that GitLab may not have said', async (status, body) => {
    await using rig = await startRig();
    onRotate(rig, 'after', { kind: 'answer', answer: { status, body } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });
  });

  it('does not take such a refusal at its word when the token is dead after it', async () => {
    await using rig = await startRig();
    onRotate(rig, 'after', { kind: 'answer', answer: nginxPage(414) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
  });

  it('leaves the outcome unknown when GitLab cannot be asked after such a refusal', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', {
      kind: 'run',
      run: () => {
        rig.gitlab.faults.add({
          operation: 'probe',
          at: 'before',
          times: 100,
          effect: { kind: 'answer', answer: badGateway() },
        });
      },
    });
    onRotate(rig, 'after', { kind: 'answer', answer: nginxPage(414) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_OUTCOME_UNKNOWN',
      details: { status: 414 },
      cause: { code: 'GITLAB_UNREACHABLE' },
    });
  });

  it('refuses when GitLab could not revoke the old token', async () => {
    await using rig = await startRig();
    rig.gitlab.settings.revokingFails = true;

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'other' },
    });

    expect(rig.gitlab.isAlive('first')).toBe(true);
  });
});

describe('when the token dies between probe and request', () => {
  it.each([
    ['revoked', (rig: Rig) => rig.gitlab.revoke(rig.firstTokenId)],
    ['expired', (rig: Rig) => rig.clock.advance(40 * 86_400_000)],
  ])('tells that it was %s', async (reason, kill) => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 100 * 86_400_000;
    beforeRotating(rig, () => kill(rig));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason },
    });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });
});

describe('when the answer is lost after GitLab rotated', () => {
  it.each([...unknownEffects, ['a truncated body', { kind: 'cut' } as const] as const])(
    'after %s never presents the dead token again, so the successor stays alive',
    async (_what, effect) => {
      await using rig = await startRig();
      onRotate(rig, 'after', effect);

      await expect(rig.run('createSecret')).rejects.toMatchObject({
        code: 'SUCCESSOR_LOST',
        details: { reason: 'revoked' },
      });
      await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

      expect(rig.gitlab.rotateRequests).toHaveLength(1);
      expect(rig.gitlab.isAlive('successor-1')).toBe(true);
      expect(rig.value('AWSPENDING')).toBeUndefined();
    },
  );

  it('ends well when another run has stored the successor meanwhile', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'reset' });
    rig.clock.whileAsleep = async () => {
      rig.clock.whileAsleep = () => undefined;
      await rig.run('createSecret');
    };

    await rig.run('createSecret');

    expect(rig.gitlab.isAlive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
    expect(rig.log.at(-1)?.message).toBe(
      'another run has rotated the token and stored its successor',
    );
  });
});

describe('when the answer is lost and GitLab did nothing', () => {
  it.each(unknownEffects)(
    'after %s probes to the end and leaves the rest to the next run',
    async (_what, effect) => {
      await using rig = await startRig();
      onRotate(rig, 'before', effect);

      await expect(rig.run('createSecret')).rejects.toMatchObject({
        code: 'ROTATION_OUTCOME_UNKNOWN',
      });

      expect(rig.gitlab.rotateRequests).toHaveLength(1);
      expect(rig.log.map(({ message }) => message)).toContain(
        'the answer to the rotate request is unknown: probing the token',
      );
      expect(rig.clock.pauses.reduce((sum, ms) => sum + ms)).toBeGreaterThan(50_000);
      await rig.run('createSecret');
      expect(rig.gitlab.isAlive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
    },
  );

  it('does not call the outcome harmless because no probe gets through', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'run', run: () => rig.gitlab.pause() });
    onRotate(rig, 'after', { kind: 'reset' });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_OUTCOME_UNKNOWN',
    });
  });
});

describe('how long the answer is waited for', () => {
  it.each([
    ['all that can be spared', 60_000, 50_000],
    ['thirty seconds at least', 36_000, 30_000],
    ['no longer than GitLab works on it', 900_000, 60_000],
  ])('%s', async (_what, timeoutMs, expected) => {
    await using rig = await startRig();
    const { rotate } = rig.deps.tokens;
    const waits: number[] = [];
    rig.deps.tokens.rotate = (token, owner, expiresAt, waitMs) => {
      waits.push(waitMs);
      return rotate.call(rig.deps.tokens, token, owner, expiresAt, waitMs);
    };
    rig.clock.timeoutMs = timeoutMs;

    await rig.run('createSecret');

    expect(waits).toEqual([expected]);
  });
});

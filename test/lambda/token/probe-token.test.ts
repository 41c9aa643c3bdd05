import { describe, expect, it } from 'vitest';
import {
  badGateway,
  loginPage,
  rateLimited,
} from '../../../infra/local/gitlab/api/fault-answers.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';
import type { AnswerOrigin } from '../../../lambda/ports/access-tokens.ts';
import { originDetails, rateLimitFailure } from '../../../lambda/token/answer-details.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';

function onProbe(rig: Rig, answer: Answer, times = 1): void {
  rig.gitlab.faults.add({
    operation: 'probe',
    at: 'before',
    times,
    effect: { kind: 'answer', answer },
  });
}

describe('probeToken', () => {
  it('asks again while GitLab answers as if it were down', async () => {
    await using rig = await startRig();
    onProbe(rig, badGateway(), 3);

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([250, 500, 1000]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('gives up early enough to rotate, and changes nothing', async () => {
    await using rig = await startRig();
    onProbe(rig, badGateway(), 1000);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { status: 502 },
    });

    expect(rig.clock.pauses.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(25_000);
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('waits as long as the rate limiter asks', async () => {
    await using rig = await startRig();
    onProbe(rig, rateLimited(9));

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([9_000]);
  });

  it('tells how long the rate limiter asks to wait when that is too long', async () => {
    await using rig = await startRig();
    onProbe(rig, rateLimited(120));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_RATE_LIMITED',
      details: { retryAfterSeconds: 120 },
    });
  });

  it('does not take a login page for an answer', async () => {
    await using rig = await startRig();
    onProbe(rig, loginPage(), 1000);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'GITLAB_UNREACHABLE' });
  });

  it('does not ask again when GitLab refuses to tell', async () => {
    await using rig = await startRig();
    rig.gitlab.user(rig.gitlab.tokens[0]?.userId ?? 0).state = 'blocked';

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'user-blocked', status: 403 },
    });

    expect(rig.clock.pauses).toEqual([]);
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('gives a probe no more time than it may take', async () => {
    await using rig = await startRig();
    const timeouts: number[] = [];
    const { probe } = rig.services.tokens;
    rig.services.tokens.probe = (token, timeoutMs) => {
      timeouts.push(timeoutMs);
      return probe.call(rig.services.tokens, token, timeoutMs);
    };

    await rig.run('createSecret');
    await rig.run('testSecret');
    rig.clock.timeoutMs = 5_500;
    await rig.run('testSecret');
    rig.clock.timeoutMs = 9_000;
    await rig.run('testSecret');

    expect(timeouts).toEqual([10_000, 10_000, 10_000, 1_000, 4_000]);
  });
});

describe('the details of an answer', () => {
  it.each<[AnswerOrigin, object]>([
    [{}, {}],
    [{ status: 502 }, { status: 502 }],
    [{ requestId: '01J' }, { gitlabRequestId: '01J' }],
    [{ says: 'maintenance' }, { gitlabSays: 'maintenance' }],
    [{ retryAfterMs: 599_001 }, { retryAfterSeconds: 600 }],
  ])('are those that it has: of %j they are %j', (origin, details) => {
    expect(originDetails(origin)).toStrictEqual(details);
  });

  it('name the pause that GitLab asks for in whole seconds, where it asks for one', () => {
    expect(rateLimitFailure({ status: 429, retryAfterMs: 1_001 }).details).toStrictEqual({
      status: 429,
      retryAfterSeconds: 2,
    });
    expect(rateLimitFailure({}).details).toStrictEqual({});
  });
});

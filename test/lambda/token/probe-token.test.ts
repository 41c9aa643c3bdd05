import { describe, expect, it } from 'vitest';
import {
  badGateway,
  loginPage,
  nginxPage,
  rateLimited,
  redirectTo,
} from '../../../infra/local/gitlab/api/fault-answers.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';
import type { AnswerOrigin } from '../../../lambda/ports/access-tokens.ts';
import { originDetails, rateLimitFailure } from '../../../lambda/token/answer-details.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { startRotated } from '../../rig/function/test-secret-rig.ts';
import { ACTIVE } from '../../rig/scripted/gitlab-answers.ts';
import { json } from '../../rig/scripted/scripted-gitlab.ts';

const ALWAYS = 1000;
/** What GitLab says of a fine-grained token while the feature is off. */
const NOT_ACTIVE = json(200, { ...ACTIVE, granular: true, active: false });

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
    onProbe(rig, badGateway(), ALWAYS);

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

describe('a page of something before GitLab', () => {
  const PAGES: readonly (readonly [string, Answer])[] = [
    ...[200, 401, 403, 404].map((status) => [`with ${status}`, nginxPage(status)] as const),
    ['of a login', loginPage()],
    ['that leads elsewhere', redirectTo('https://login.example.com/')],
  ];

  it.each(PAGES)(
    'is no word of GitLab’s, and the probe asks again: one %s',
    async (_what, page) => {
      await using rig = await startRig();
      onProbe(rig, page, 3);

      await rig.run('createSecret');

      expect(rig.clock.pauses).toEqual([250, 500, 1000]);
      expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    },
  );

  it.each(PAGES)('is told where it stays: one %s', async (_what, page) => {
    await using rig = await startRig();
    onProbe(rig, page, ALWAYS);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { reason: 'NOT_GITLAB', status: page.status },
    });

    expect(rig.clock.pauses.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(25_000);
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('does not end a rotation while consumers wait', async () => {
    await using rig = await startRotated();
    onProbe(rig, nginxPage(403), 5);

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([250, 500, 1000, 2000, 4000]);
  });
});

describe('a token that GitLab describes as not active', () => {
  it('is not rotated, nor asked about again, nor taken for dead', async () => {
    await using rig = await startRig();
    onProbe(rig, NOT_ACTIVE, ALWAYS);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'not-active', status: 200 },
    });

    expect(rig.clock.pauses).toEqual([]);
    expect(rig.gitlab.calls.map(({ operation }) => operation)).toEqual(['probe']);
  });

  it('does not become current', async () => {
    await using rig = await startRotated();
    onProbe(rig, NOT_ACTIVE, ALWAYS);

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'not-active', currentVersionId: expect.any(String) },
    });
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

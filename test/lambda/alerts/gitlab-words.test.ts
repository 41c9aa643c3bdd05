import { describe, expect, it } from 'vitest';
import { loginPage, nginxPage, redirectTo } from '../../../infra/local/gitlab/api/fault-answers.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { onRotate } from '../../rig/function/rotate-faults.ts';
import { startRotated } from '../../rig/function/test-secret-rig.ts';
import {
  ACTIVE,
  badRequest,
  GRANULAR,
  MAINTENANCE,
  PROJECT_404,
  ROUTE_404,
} from '../../rig/scripted/gitlab-answers.ts';
import { json } from '../../rig/scripted/scripted-gitlab.ts';
import { startLosing } from '../healing/recovery/losing-rig.ts';

const ALWAYS = 1000;
const MAINTAINED = { status: 503, gitlabSays: 'maintenance', retryAfterSeconds: 600 };
/** What GitLab says of a fine-grained token while the feature is off. */
const NOT_ACTIVE = json(200, { ...ACTIVE, granular: true, active: false });

function answering(answer: Answer) {
  return { kind: 'answer', answer } as const;
}

function onProbe({ gitlab }: Rig, answer: Answer, times = ALWAYS): void {
  gitlab.faults.add({ operation: 'probe', at: 'before', times, effect: answering(answer) });
}

function maintenance(retryAfter: string): Answer {
  return { ...MAINTENANCE, headers: { ...MAINTENANCE.headers, 'retry-after': retryAfter } };
}

function operations({ gitlab }: Rig): readonly string[] {
  return gitlab.calls.map(({ operation }) => operation);
}

describe('a GitLab in maintenance', () => {
  it('says so to the rotate request, whose outcome stays unknown all the same', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', answering(MAINTENANCE));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_OUTCOME_UNKNOWN',
      details: MAINTAINED,
    });

    expect(rig.gitlab.isActive('first')).toBe(true);
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('may be said by something else after GitLab has rotated', async () => {
    await using rig = await startRig();
    onRotate(rig, 'after', answering(MAINTENANCE));

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });
  });

  it('says so to the probe, and is not asked again before it is back', async () => {
    await using rig = await startRig();
    onProbe(rig, MAINTENANCE);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: MAINTAINED,
    });

    expect(rig.clock.pauses).toEqual([]);
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('is waited for as long as it asks, where there is time', async () => {
    await using rig = await startRig();
    onProbe(rig, maintenance('9'), 1);

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([9_000]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('says so after retries too', async () => {
    await using rig = await startRig();
    onProbe(rig, nginxPage(502), 2);
    onProbe(rig, maintenance('9'));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { ...MAINTAINED, retryAfterSeconds: 9 },
    });

    expect(rig.clock.pauses).toEqual([250, 500, 9_000, 9_000]);
  });

  it('says so to the dry run', async () => {
    await using rig = await startRig();
    onProbe(rig, MAINTENANCE);

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { ...MAINTAINED, dryRun: true },
    });
  });

  it.each<[string, (rig: Rig) => void, object]>([
    [
      'no answer comes to the rotate request',
      (rig) => onRotate(rig, 'before', { kind: 'reset' }),
      {},
    ],
    [
      'a page comes instead of an answer',
      (rig) => onRotate(rig, 'before', answering(nginxPage(413))),
      { status: 413 },
    ],
  ])('says so to the probes that settle the outcome, when %s', async (_what, arrange, details) => {
    await using rig = await startRig();
    rig.gitlab.faults.add({
      operation: 'probe',
      at: 'before',
      nth: 3,
      times: ALWAYS,
      effect: answering(maintenance('2')),
    });
    arrange(rig);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_OUTCOME_UNKNOWN',
      details: { ...details, gitlabSays: 'maintenance', retryAfterSeconds: 2 },
    });
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
    onProbe(rig, page);

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
    onProbe(rig, NOT_ACTIVE);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'not-active', status: 200 },
    });

    expect(rig.clock.pauses).toEqual([]);
    expect(operations(rig)).toEqual(['probe']);
  });

  it('does not become current', async () => {
    await using rig = await startRotated();
    onProbe(rig, NOT_ACTIVE);

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'not-active', currentVersionId: expect.any(String) },
    });
  });
});

describe('what GitLab says to the recovery credential', () => {
  /** Lets GitLab say something to the next requests of one kind. */
  function onCall({ gitlab }: Rig, operation: string, answer: Answer): void {
    gitlab.faults.add({ operation, at: 'before', times: ALWAYS, effect: answering(answer) });
  }

  it.each<[string, string, Answer, object]>([
    [
      'that a permission is missing',
      'listTokens',
      GRANULAR,
      {
        recovery: 'refused',
        recoveryRefusal: 'permission-missing',
        permission: 'Personal Access Token: Read',
      },
    ],
    [
      'that it is in maintenance, to a look',
      'listTokens',
      MAINTENANCE,
      { recovery: 'unreachable', ...MAINTAINED },
    ],
    [
      'that it is in maintenance, to a rotation by id',
      'rotateById',
      MAINTENANCE,
      { recovery: 'not-enough-time', ...MAINTAINED },
    ],
  ])('is told: %s', async (_what, operation, answer, details) => {
    await using rig = await startLosing();
    onCall(rig, operation, answer);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_LOST',
      details,
    });

    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('is asked again while a page comes in place of the list', async () => {
    await using rig = await startLosing();
    rig.gitlab.faults.add({
      operation: 'listTokens',
      at: 'before',
      times: 2,
      effect: answering(nginxPage(403)),
    });

    await rig.run('createSecret');

    expect(rig.notices).toMatchObject([{ code: 'HEALED' }]);
  });

  it('does not depend on the scopes of a fine-grained one, which prove nothing', async () => {
    await using rig = await startLosing();
    const { tokens } = rig.services;
    const { probe } = tokens;
    tokens.probe = async (token, timeoutMs) => {
      const answer = await probe.call(tokens, token, timeoutMs);
      return answer.kind === 'active' && token === 'recovery'
        ? { ...answer, token: { ...answer.token, scopes: ['granular'], granular: true } }
        : answer;
    };

    await rig.run('createSecret');

    expect(rig.notices).toMatchObject([{ code: 'HEALED' }]);
  });
});

describe('a rotate request that is refused', () => {
  it.each<[string, Answer, object]>([
    [
      'for lack of a permission, which is named',
      GRANULAR,
      { refusal: 'permission-missing', permission: 'Personal Access Token: Read', status: 403 },
    ],
    ['since its route is not known', ROUTE_404, { refusal: 'path-decoded', status: 404 }],
    ['since its path is not found', PROJECT_404, { refusal: 'path-not-found', status: 404 }],
  ])('%s, is so by GitLab itself: no proof, no question', async (_what, answer, details) => {
    await using rig = await startRig({
      secretString: () => JSON.stringify({ token: 'first', projectId: 'group/app' }),
    });
    onRotate(rig, 'before', answering(answer));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details,
    });

    expect(operations(rig)).toEqual(['probe', 'probe', 'rotate']);
  });

  const LEGACY = badRequest(
    'Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.',
  );

  it('as one of a legacy token, is so when a probe has found the token active', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', answering(LEGACY));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'legacy-token', status: 400 },
    });

    expect(operations(rig)).toEqual(['probe', 'probe', 'rotate', 'probe']);
  });

  it('as one of a legacy token, is not believed when the token is dead after it', async () => {
    await using rig = await startRig();
    onRotate(rig, 'after', answering(LEGACY));

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });
  });
});

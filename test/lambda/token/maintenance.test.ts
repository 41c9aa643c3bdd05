import { describe, expect, it } from 'vitest';
import { nginxPage } from '../../../infra/local/gitlab/api/fault-answers.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { onRotate } from '../../rig/function/rotate-faults.ts';
import { MAINTENANCE } from '../../rig/scripted/gitlab-answers.ts';

const ALWAYS = 1000;
const MAINTAINED = { status: 503, gitlabSays: 'maintenance', retryAfterSeconds: 600 };

function answering(answer: Answer) {
  return { kind: 'answer', answer } as const;
}

function onProbe({ gitlab }: Rig, answer: Answer, times = ALWAYS): void {
  gitlab.faults.add({ operation: 'probe', at: 'before', times, effect: answering(answer) });
}

function maintenance(retryAfter: string): Answer {
  return { ...MAINTENANCE, headers: { ...MAINTENANCE.headers, 'retry-after': retryAfter } };
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

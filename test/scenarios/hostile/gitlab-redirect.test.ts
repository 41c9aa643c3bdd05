import { describe, expect, it } from 'vitest';
import { redirectTo } from '../../../infra/local/gitlab/api/fault-answers.ts';
import { startRig } from '../../rig/function/rig.ts';
import { startScript } from '../../rig/scripted/scripted-gitlab.ts';
import { bothSides, runAllSteps, UNTOUCHED } from '../both-sides.ts';
import { answerTo, LOST } from './hostile-gitlab.ts';

describe('a GitLab that redirects to another origin', () => {
  const STATUSES = [301, 302, 303, 307, 308];

  /** A server elsewhere, and an answer that leads there. */
  async function startElsewhere(status: number) {
    const { standIn, requests } = await startScript([]);
    const location = `${standIn.url}/api/v4/personal_access_tokens/self`;
    return { standIn, requests, answer: { ...redirectTo(location), status } };
  }

  it.each(STATUSES)('with %i, when probed: no token travels, none is rotated', async (status) => {
    await using rig = await startRig();
    const { standIn, requests, answer } = await startElsewhere(status);
    await using _ = standIn;
    answerTo(rig, 'probe', answer);

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { status },
    });

    expect(requests).toEqual([]);
    expect(bothSides(rig)).toEqual(UNTOUCHED);
  });

  it.each(STATUSES)('with %i instead of rotating: no token travels', async (status) => {
    await using rig = await startRig();
    const { standIn, requests, answer } = await startElsewhere(status);
    await using _ = standIn;
    answerTo(rig, 'rotate', answer, 'before');

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'ROTATION_OUTCOME_UNKNOWN' });

    expect(requests).toEqual([]);
    expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [status] });
  });

  it.each(STATUSES)('with %i after it rotated: no token travels, old or new', async (status) => {
    await using rig = await startRig();
    const { standIn, requests, answer } = await startElsewhere(status);
    await using _ = standIn;
    answerTo(rig, 'rotate', answer);

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(requests).toEqual([]);
    expect(bothSides(rig)).toEqual({ ...LOST, rotateRequests: [status] });
  });
});

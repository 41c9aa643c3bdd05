import { describe, expect, it } from 'vitest';
import { startRig } from '../../rig/function/rig.ts';
import { bothSides, runAllSteps, UNTOUCHED } from '../both-sides.ts';
import { answerTo } from './hostile-gitlab.ts';

describe('a GitLab that asks for an absurd pause', () => {
  it.each(['9'.repeat(400), '86400', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'is not waited for, and the token is active: Retry-After %s',
    async (pause) => {
      await using rig = await startRig();
      const headers = { 'retry-after': pause };
      answerTo(rig, 'rotate', { status: 429, headers, body: 'Retry later\n' }, 'before');

      await expect(runAllSteps(rig)).rejects.toMatchObject({
        code: 'GITLAB_RATE_LIMITED',
        details: { retryAfterSeconds: 86_400 },
      });

      expect(rig.clock.pauses).toEqual([]);
      expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [429] });
    },
  );

  it.each(['0', 'Thu, 01 Jan 1970 00:00:00 GMT', '-1', 'soon'])(
    'is asked with growing pauses, never at once: Retry-After %s',
    async (pause) => {
      await using rig = await startRig();
      const headers = { 'retry-after': pause };
      answerTo(rig, 'rotate', { status: 429, headers, body: 'Retry later\n' }, 'before');

      await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'GITLAB_RATE_LIMITED' });

      expect(rig.clock.pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000]);
      expect(bothSides(rig)).toMatchObject({ current: UNTOUCHED.current, deadTokens: 0 });
    },
  );
});

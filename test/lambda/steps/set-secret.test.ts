import { describe, expect, it } from 'vitest';
import { startRig } from '../../rig/function/rig.ts';

describe('setSecret', () => {
  it('makes no call and says why', async () => {
    await using rig = await startRig();
    const calls = rig.secretsManager.calls.length;

    await rig.run('setSecret');

    expect(rig.gitlab.calls).toEqual([]);
    expect(rig.secretsManager.calls).toHaveLength(calls);
    expect(rig.log.at(-1)?.message).toBe('nothing to set: GitLab has applied the rotation');
  });
});

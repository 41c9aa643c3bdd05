import { describe, expect, it } from 'vitest';
import { badGateway, crash, redirectTo } from '../../../infra/local/gitlab/api/fault-answers.ts';
import type { FaultEffect } from '../../../infra/local/server/faults.ts';
import { startRig } from '../../rig/function/rig.ts';
import { onRotate } from '../../rig/function/rotate-faults.ts';

const unknownEffects: readonly (readonly [string, FaultEffect])[] = [
  ['a reset', { kind: 'reset' }],
  ['a 500', { kind: 'answer', answer: crash() }],
  ['a 502 page', { kind: 'answer', answer: badGateway() }],
  ['a redirect', { kind: 'answer', answer: redirectTo('https://login.example.com/') }],
  ['a login page', { kind: 'answer', answer: { status: 200, body: '<html></html>' } }],
];

describe('when the answer is lost after GitLab rotated', () => {
  it.each([...unknownEffects, ['a truncated body', { kind: 'cut' } as const] as const])(
    'after %s never presents the dead token again, so the successor stays active',
    async (_what, effect) => {
      await using rig = await startRig();
      onRotate(rig, 'after', effect);

      await expect(rig.run('createSecret')).rejects.toMatchObject({
        code: 'SUCCESSOR_LOST',
        details: { reason: 'revoked' },
      });
      await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

      expect(rig.gitlab.rotateRequests).toHaveLength(1);
      expect(rig.gitlab.isActive('successor-1')).toBe(true);
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

    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
    expect(rig.log.at(-1)?.message).toBe('another run has stored the successor, and it is active');
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
        'the outcome of the rotate request is unknown: probing the token',
      );
      expect(rig.clock.pauses.reduce((sum, ms) => sum + ms)).toBeGreaterThan(50_000);
      await rig.run('createSecret');
      expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
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

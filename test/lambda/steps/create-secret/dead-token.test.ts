import { describe, expect, it } from 'vitest';
import { accessDenied } from '../../../../infra/local/secrets-manager/state/errors.ts';
import { putSecond, type Rig, startRig } from '../../../rig/function/rig.ts';
import { restart } from '../../../rig/function/rotate-faults.ts';

describe('when the current token is dead', () => {
  it.each([
    ['revoked', (rig: Rig) => rig.gitlab.revoke(rig.firstTokenId)],
    ['expired', (rig: Rig) => rig.clock.advance(40 * 86_400_000)],
  ])('stops without presenting a token that is %s to the rotate endpoint', async (reason, kill) => {
    await using rig = await startRig();
    kill(rig);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason, status: 401 },
    });

    expect(rig.gitlab.calls.map(({ operation }) => operation)).toEqual(['probe']);
  });

  it('says so of a token that GitLab has never seen', async () => {
    await using rig = await startRig({ secretString: () => 'mistyped' });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'unknown' },
    });
  });

  it('waits for a value that an earlier run stored and that is not visible yet', async () => {
    await using rig = await startRig();
    await rig.run('createSecret');
    restart(rig);
    rig.secretsManager.staleReads({ operation: 'GetSecretValue', times: 4 });

    await rig.run('createSecret');

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
    expect(rig.log.at(-1)?.message).toBe('another run has stored a value for this version');
  });

  it('goes on with a newer current value that was not visible yet', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);
    await putSecond(rig);
    rig.secretsManager.staleReads({ operation: 'GetSecretValue', times: 2 });

    await rig.run('createSecret');

    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING')).toBe('successor-1');
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('keeps to that when the secret can no longer be read', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      nth: 3,
      times: 100,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(rig.clock.pauses).toEqual([250, 500, 1000, 2000, 4000, 4000, 250]);
  });

  it('lets no read take the time that the alert needs', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);
    const timeouts: unknown[] = [];
    const { readVersion } = rig.services.secrets;
    rig.services.secrets.readVersion = (secretId, versionId, timeoutMs) => {
      if (versionId === rig.request.versionId) {
        timeouts.push(timeoutMs);
      }
      return readVersion.call(rig.services.secrets, secretId, versionId, timeoutMs);
    };
    rig.clock.whileAsleep = () => rig.clock.advance(54_000);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    // Salvage looks at the version too.
    expect(timeouts).toEqual([5_000, 3_750, 3_750]);
  });
});

import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { internalError } from '../../../../infra/local/secrets-manager/state/errors.ts';
import { putSecond, type Rig, startRig } from '../../../rig/function/rig.ts';

/** What somebody does by hand. */
async function takePendingOff({ client, secretId, request }: Rig): Promise<void> {
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: request.versionId,
    }),
  );
}

/** The reads that createSecret makes side by side. */
const READS = [
  ['DescribeSecret', 1],
  ['GetSecretValue', 1],
  ['GetSecretValue', 2],
] as const;
/** The calls before the rotate request. */
const HARMLESS_CALLS = [...READS, ['PutSecretValue', 1]] as const;

describe('when somebody changes the secret while createSecret looks at it', () => {
  it.each(READS)('does not rotate what was replaced: after %s %i', async (operation, nth) => {
    await using rig = await startRig();
    const effect = { kind: 'run', run: () => putSecond(rig) } as const;
    rig.secretsManager.faults.add({ operation, at: 'after', nth, effect });

    // Whether the other reads show the new value is chance. If they all do, that is rotated.
    await rig.run('createSecret').catch((failure: unknown) =>
      expect(failure).toMatchObject({
        message: 'VERSION_NOT_STAGED: the secret was changed during the rotation',
      }),
    );

    expect(rig.gitlab.isActive('first')).toBe(true);
    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSCURRENT')).toBe('second');
  });

  it('rotates nothing: a new value after the secret was proved writable', async () => {
    await using rig = await startRig();
    const effect = { kind: 'run', run: () => putSecond(rig) } as const;
    rig.secretsManager.faults.add({ operation: 'PutSecretValue', at: 'after', effect });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'VERSION_NOT_STAGED',
      message: 'VERSION_NOT_STAGED: the secret was changed during the rotation',
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSCURRENT')).toBe('second');
  });

  it.each(HARMLESS_CALLS)(
    'rotates nothing: AWSPENDING gone after %s %i',
    async (operation, nth) => {
      await using rig = await startRig();
      const effect = { kind: 'run', run: () => takePendingOff(rig) } as const;
      rig.secretsManager.faults.add({ operation, at: 'after', nth, effect });

      await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'VERSION_NOT_STAGED' });

      expect(rig.gitlab.rotateRequests).toEqual([]);
      expect(rig.gitlab.isActive('first')).toBe(true);
    },
  );
});

describe('when the current token dies while createSecret looks', () => {
  it('says so, and presents it to no rotate endpoint', async () => {
    await using rig = await startRig();
    const effect = { kind: 'run', run: () => rig.gitlab.revoke(rig.firstTokenId) } as const;
    rig.secretsManager.faults.add({ operation: 'PutSecretValue', at: 'after', effect });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'revoked', status: 401 },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
  });
});

describe('when Secrets Manager is unavailable for a moment', () => {
  it.each([
    // More often than the SDK tries: three times.
    ['DescribeSecret', 1, 4, [250]],
    // Both reads, since they are made at once.
    ['GetSecretValue', 1, 6, [250, 250]],
    ['GetSecretValue', 2, 4, [250]],
    ['PutSecretValue', 1, 4, [250]],
    ['DescribeSecret', 2, 4, [250]],
  ] as const)(
    'goes on after it: from %s %i on, %i times',
    async (operation, nth, times, pauses) => {
      await using rig = await startRig();
      const effect = { kind: 'answer', answer: internalError() } as const;
      rig.secretsManager.faults.add({ operation, at: 'before', nth, times, effect });

      await rig.run('createSecret');

      expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
      expect(rig.gitlab.rotateRequests).toHaveLength(1);
      expect(rig.clock.pauses).toEqual(pauses);
    },
  );

  it('tells after twelve seconds that it is unavailable', async () => {
    await using rig = await startRig();
    const effect = { kind: 'answer', answer: internalError() } as const;
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      times: Number.POSITIVE_INFINITY,
      effect,
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });

    expect(rig.clock.pauses).toEqual([250, 500, 1000, 2000, 4000, 4000, 250]);
    expect(rig.gitlab.calls).toEqual([]);
  });
});

describe('when Secrets Manager hangs after GitLab rotated and the answer was lost', () => {
  it('tells of the loss while there is time', async () => {
    await using rig = await startRig();
    const get = { operation: 'GetSecretValue', at: 'before', nth: 3, times: 100 } as const;
    rig.secretsManager.faults.add({ ...get, effect: { kind: 'hang' } });
    rig.gitlab.faults.add({
      operation: 'rotate',
      at: 'after',
      // As if GitLab had taken its time: little more than the alert needs is left.
      effect: { kind: 'run', run: () => rig.clock.advance(57_900) },
    });
    rig.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });
  });
});

describe('when another run rotates while this one looks', () => {
  it.each(HARMLESS_CALLS)('presents no dead token: after %s %i', async (operation, nth) => {
    await using rig = await startRig();
    const effect = { kind: 'run', run: () => rig.run('createSecret') } as const;
    rig.secretsManager.faults.add({ operation, at: 'after', nth, effect });

    await rig.run('createSecret');

    expect(rig.gitlab.rotateRequests.filter(({ deadToken }) => deadToken)).toEqual([]);
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
  });
});

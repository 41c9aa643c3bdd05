import { describe, expect, it } from 'vitest';
import {
  accessDenied,
  kmsDenied,
  serviceError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import { startRig } from '../../../rig/function/rig.ts';

describe('when nothing may be changed', () => {
  it('refuses a token without the scope', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SCOPE_MISSING',
      details: { scopes: ['read_api'], tokenId: String(rig.firstTokenId) },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('does not begin what it has no time to end', async () => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 34_000;

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'NOT_ENOUGH_TIME',
      details: { remainingMs: 34_000, neededMs: 35_000 },
    });

    // Nor does it look once more.
    expect(rig.gitlab.calls.map(({ operation }) => operation)).toEqual(['probe']);
  });

  it.each([
    ['the permission', accessDenied('secretsmanager:PutSecretValue')],
    ['the key', kmsDenied()],
  ])('finds out before it rotates that %s to write is missing', async (_what, answer) => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: 'PutSecretValue',
      at: 'before',
      effect: { kind: 'answer', answer },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STORE_DENIED' });

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.gitlab.isActive('first')).toBe(true);
  });

  it('does not begin when it may not read the current value', async () => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      nth: 2,
      effect: { kind: 'answer', answer: kmsDenied() },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STORE_DENIED' });

    expect(rig.gitlab.calls).toEqual([]);
  });

  it.each(['DescribeSecret', 'GetSecretValue', 'PutSecretValue'])(
    'tells at once that Secrets Manager refuses what it asks: %s',
    async (operation) => {
      await using rig = await startRig();
      const answer = serviceError('InvalidRequestException', 'The secret is managed elsewhere.');
      const effect = { kind: 'answer', answer } as const;
      rig.secretsManager.faults.add({ operation, at: 'before', times: 1000, effect });

      await expect(rig.run('createSecret')).rejects.toMatchObject({
        code: 'STORE_DENIED',
        message: `STORE_DENIED: Secrets Manager refuses ${operation} (InvalidRequestException)`,
      });

      expect(rig.clock.pauses).toEqual([]);
      expect(rig.gitlab.rotateRequests).toEqual([]);
    },
  );

  it('refuses a secret that it cannot read, without a word to GitLab', async () => {
    await using rig = await startRig({ secretString: () => '{"token":"first"' });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });

    expect(rig.gitlab.calls).toEqual([]);
  });
});

import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { accessDenied } from '../../../infra/local/secrets-manager/state/errors.ts';
import { RotationError } from '../../../lambda/failure.ts';
import { startRig } from '../../rig/function/rig.ts';
import {
  dayIn,
  dropPending,
  planNextRotation,
  putPending,
  startRotated,
} from '../../rig/function/test-secret-rig.ts';

describe('testSecret in a rotation, of the next one', () => {
  it('goes on without a schedule that it cannot read', async () => {
    await using rig = await startRotated();
    rig.secretsManager.faults.add({
      operation: 'DescribeSecret',
      at: 'before',
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:DescribeSecret') },
    });

    await rig.run('testSecret');

    expect(rig.notices).toEqual([]);
  });

  it('only tells that the new token dies before its next rotation', async () => {
    await using rig = await startRotated({ settings: { lifetimeDays: 20 } });

    await rig.run('testSecret');

    const { expiresAt } = rig.gitlab.tokens.at(-1) ?? {};
    const next = new Date(rig.clock.now().getTime() + 30 * 86_400_000);
    expect(rig.notices).toEqual([
      {
        code: 'EXPIRES_TOO_SOON',
        details: {
          tokenId: rig.value('AWSPENDING')?.tokenId,
          expiresAt,
          nextRotation: next.toISOString().slice(0, 10),
        },
      },
    ]);
  });

  it('only tells that the new token cannot rotate itself', async () => {
    await using rig = await startRotated();
    rig.gitlab.createAccessToken({ resource: rig.project, scopes: ['read_api'], value: 'other' });
    await dropPending(rig);
    const versionId = '11111111-1111-1111-1111-111111111111';
    await rig.client.send(
      new PutSecretValueCommand({
        SecretId: rig.secretId,
        ClientRequestToken: versionId,
        SecretString: 'other',
        VersionStages: ['AWSPENDING'],
      }),
    );

    await rig.run('testSecret', { ...rig.request, versionId });

    expect(rig.notices).toMatchObject([
      { code: 'EXPIRES_TOO_SOON', details: { scopes: ['read_api'] } },
    ]);
  });

  it('counts a token that dies on the day of its next rotation as dead by then', async () => {
    await using rig = await startRotated({ settings: { lifetimeDays: 30 } });

    await rig.run('testSecret');

    expect(rig.notices).toMatchObject([{ code: 'EXPIRES_TOO_SOON' }]);
  });

  it('says nothing of a token that never expires', async () => {
    await using rig = await startRig();
    rig.gitlab.createAccessToken({
      resource: rig.project,
      scopes: ['self_rotate'],
      expiresAt: null,
      value: 'other',
    });
    await putPending(rig, 'other');

    await rig.run('testSecret');

    expect(rig.notices).toEqual([]);
  });

  it('tells of a token that cannot rotate itself no more than is known', async () => {
    await using rig = await startRig();
    const { id } = rig.gitlab.createAccessToken({
      resource: rig.project,
      scopes: ['read_api'],
      expiresAt: null,
      value: 'other',
    });
    await putPending(rig, 'other');
    rig.services.secrets.describe = () => Promise.reject(new RotationError('STORE_DENIED', 'no'));

    await rig.run('testSecret');

    const details = { tokenId: String(id), scopes: ['read_api'] };
    expect(rig.notices).toStrictEqual([{ code: 'EXPIRES_TOO_SOON', details }]);
    expect(rig.log).toContainEqual({
      message: 'a token of the new value cannot go through its next rotation',
      details,
    });
  });

  it('counts from this rotation, not from a date that was planned before it', async () => {
    await using rig = await startRotated({ settings: { lifetimeDays: 20 } });
    planNextRotation(rig, 1);

    await rig.run('testSecret');

    expect(rig.notices).toMatchObject([{ details: { nextRotation: dayIn(rig, 30) } }]);
  });
});

import {
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { badGateway } from '../../../infra/local/gitlab/fault-answers.ts';
import { accessDenied, internalError } from '../../../infra/local/secrets-manager/errors.ts';
import { RotationError } from '../../../lambda/rotation/failure.ts';
import { type Rig, startRig } from '../../rig.ts';

/** A rotation that has come as far as testSecret. */
async function startRotated(props: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  const rig = await startRig(props);
  await rig.run('createSecret');
  return rig;
}

/** As AWS does when a rotation is through; as people do when it is not. */
async function dropPending({ client, secretId, request }: Rig): Promise<void> {
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: request.versionId,
    }),
  );
}

/** A value for the open version, put by hand. */
async function putPending({ client, secretId, request }: Rig, value: string): Promise<void> {
  await client.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: request.versionId,
      SecretString: value,
      VersionStages: ['AWSPENDING'],
    }),
  );
}

/** `YYYY-MM-DD`, so many days from now. */
function dayIn({ clock }: Rig, days: number): string {
  return new Date(clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Lets AWS have planned the next rotation for another day than the interval says. */
function planNextRotation({ clock, deps: { secrets } }: Rig, days: number): void {
  const { describe: read } = secrets;
  secrets.describe = async (secretId) => ({
    ...(await read.call(secrets, secretId)),
    nextRotationDate: new Date(clock.now().getTime() + days * 86_400_000),
  });
}

function calls({ secretsManager, gitlab }: Rig): string[] {
  return [...secretsManager.calls, ...gitlab.calls].map(({ operation }) => operation);
}

function currentVersionId({ secretsManager, secretId }: Rig): string | undefined {
  const { versions } = secretsManager.snapshot(secretId);
  return versions.find(({ labels }) => labels.includes('AWSCURRENT'))?.versionId;
}

describe('testSecret in a rotation', () => {
  it('accepts the successor with no more calls than it needs, and writes nothing', async () => {
    await using rig = await startRotated();
    const before = calls(rig).length;

    await rig.run('testSecret');

    const made = calls(rig).slice(before);
    expect(rig.gitlab.calls.at(-1)?.operation).toBe('probe');
    expect(made).toHaveLength(3);
    expect(rig.notices).toEqual([]);
  });

  it('is content when the version is current already', async () => {
    await using rig = await startRotated();
    await rig.run('finishSecret');
    await dropPending(rig);
    const probes = rig.gitlab.calls.length;

    await rig.run('testSecret');

    expect(rig.gitlab.calls).toHaveLength(probes);
    expect(rig.log.at(-1)?.message).toBe('the version is current already');
  });

  it('waits for a value that is not visible yet', async () => {
    await using rig = await startRotated();
    rig.secretsManager.staleReads({ operation: 'GetSecretValue', times: 3 });

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([250, 500, 1000]);
  });

  it('goes on after a moment in which Secrets Manager is unavailable', async () => {
    await using rig = await startRotated();
    // More often than the SDK tries.
    const effect = { kind: 'answer', answer: internalError() } as const;
    rig.secretsManager.faults.add({ operation: 'GetSecretValue', at: 'before', times: 4, effect });

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([250]);
  });

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

  it('asks again when GitLab fails for a moment', async () => {
    await using rig = await startRotated();
    const probe = { operation: 'probe', at: 'before', times: 2 } as const;
    rig.gitlab.faults.add({ ...probe, effect: { kind: 'answer', answer: badGateway() } });

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([250, 500]);
  });

  it('rejects a dead token and names the version that consumers read', async () => {
    await using rig = await startRotated();
    rig.gitlab.revoke(rig.gitlab.tokens.at(-1)?.id ?? 0);

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'revoked', currentVersionId: currentVersionId(rig) },
    });
  });

  it('rejects a living token that is another than the secret says', async () => {
    await using rig = await startRig();
    const other = rig.gitlab.createAccessToken({
      resource: rig.project,
      scopes: ['self_rotate'],
      value: 'other',
    });
    await rig.client.send(
      new PutSecretValueCommand({
        SecretId: rig.secretId,
        ClientRequestToken: rig.request.versionId,
        SecretString: '{"token":"other","tokenId":"12345"}',
        VersionStages: ['AWSPENDING'],
      }),
    );

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { tokenId: String(other.id), expectedTokenId: '12345' },
      statedRisk: 'none',
    });
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
    rig.deps.secrets.describe = () => Promise.reject(new RotationError('STORE_DENIED', 'no'));

    await rig.run('testSecret');

    const details = { tokenId: String(id), scopes: ['read_api'] };
    expect(rig.notices).toStrictEqual([{ code: 'EXPIRES_TOO_SOON', details }]);
    expect(rig.log).toContainEqual({
      message: 'the new token will not see another rotation',
      details,
    });
  });

  it('counts from this rotation, not from a date that was planned before it', async () => {
    await using rig = await startRotated({ settings: { lifetimeDays: 20 } });
    planNextRotation(rig, 1);

    await rig.run('testSecret');

    expect(rig.notices).toMatchObject([{ details: { nextRotation: dayIn(rig, 30) } }]);
  });

  it.each([
    [60_000, 5_000],
    [6_000, 4_000],
  ])('with %i ms left reads for %i ms at most what else there is to tell', async (left, most) => {
    await using rig = await startRotated();
    rig.gitlab.revoke(rig.gitlab.tokens.at(-1)?.id ?? 0);
    rig.clock.timeoutMs = left;
    const timeouts: unknown[] = [];
    const { readCurrent } = rig.deps.secrets;
    rig.deps.secrets.readCurrent = (secretId, timeoutMs) => {
      timeouts.push(timeoutMs);
      return readCurrent.call(rig.deps.secrets, secretId, timeoutMs);
    };

    await expect(rig.run('testSecret')).rejects.toMatchObject({ code: 'PENDING_TOKEN_REJECTED' });

    expect(timeouts).toEqual([most]);
  });

  it('refuses a version that lost its label', async () => {
    await using rig = await startRotated();
    await dropPending(rig);

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'VERSION_NOT_STAGED',
      message: 'VERSION_NOT_STAGED: the version to test is not labelled AWSPENDING',
    });
  });

  it('refuses a version that carries other labels only', async () => {
    await using rig = await startRotated();
    const versionId = currentVersionId(rig) ?? '';
    await rig.run('finishSecret');

    await expect(rig.run('testSecret', { ...rig.request, versionId })).rejects.toMatchObject({
      message: 'VERSION_NOT_STAGED: the version to test is not labelled AWSPENDING',
    });
  });

  it('does not look for another value where the version has one', async () => {
    await using rig = await startRotated();
    await dropPending(rig);
    rig.deps.secrets.readCurrent = () => Promise.reject(new RotationError('STORE_DENIED', 'no'));

    await expect(rig.run('testSecret')).rejects.toMatchObject({ code: 'VERSION_NOT_STAGED' });
  });

  it('refuses a version without a value', async () => {
    await using rig = await startRig();

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      message: 'VERSION_NOT_STAGED: the version to test has no value',
      details: { currentVersionId: currentVersionId(rig) },
    });
  });

  it('passes on why it cannot find out whether there ever was a value', async () => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      nth: 9,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    const failure: unknown = await rig.run('testSecret').catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'STORE_DENIED' });
    expect(failure).not.toHaveProperty('details.dryRun');
  });

  it('tells what failed although it cannot read what else there is to tell', async () => {
    await using rig = await startRotated();
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      times: 100,
      effect: { kind: 'answer', answer: internalError() },
    });

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: expect.not.objectContaining({ currentVersionId: expect.anything() }),
    });
  });

  it('passes on what is no failure of the list', async () => {
    await using rig = await startRotated();
    rig.deps.clock.now = () => {
      throw new TypeError('no clock');
    };

    await expect(rig.run('testSecret')).rejects.toThrow('no clock');
  });
});

describe('testSecret alone, the dry run', () => {
  it('accepts the current token and changes nothing', async () => {
    await using rig = await startRig();

    await rig.dryRun();

    expect(rig.gitlab.isAlive('first')).toBe(true);
    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it('fails for a dead token', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { dryRun: true, reason: 'revoked' },
    });
  });

  it('fails for a token that cannot rotate itself', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'SCOPE_MISSING',
      details: { dryRun: true, scopes: ['read_api'] },
    });
  });

  it('fails for a token that will be dead by its next rotation', async () => {
    await using rig = await startRig({ rotationRules: { AutomaticallyAfterDays: 60 } });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { dryRun: true, reason: 'expires-too-soon' },
      statedRisk: 'none',
    });
  });

  it('accepts a token that lives until the date that AWS has planned', async () => {
    await using rig = await startRig({ rotationRules: { AutomaticallyAfterDays: 30 } });
    rig.clock.advance(15 * 86_400_000);

    await rig.dryRun();

    expect(rig.notices).toEqual([]);
  });

  it('fails for a token that lives for an interval, but not until the date that AWS has planned', async () => {
    await using rig = await startRig();
    planNextRotation(rig, 50);

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'expires-too-soon', nextRotation: dayIn(rig, 50) },
    });
  });

  it('says of a secret without a value that it has none, and that nothing was rotated', async () => {
    await using rig = await startRig({ secretString: null });

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      details: { dryRun: true },
    });
  });

  it('makes sure that it is the dry run before a finding becomes a mere notice', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });
    // The first read is that of the version itself.
    const get = { operation: 'GetSecretValue', at: 'before', nth: 2, times: 2 } as const;
    rig.secretsManager.faults.add({
      ...get,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'SCOPE_MISSING' });

    expect(rig.notices).toEqual([]);
  });

  it('does not pass when that cannot be found out', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });
    const get = { operation: 'GetSecretValue', at: 'before', nth: 2, times: 1000 } as const;
    rig.secretsManager.faults.add({
      ...get,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'STORE_DENIED' });
  });
});

import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { codesOf, givenMixture, givenSecret, startWatchRig } from './watch-rig.ts';

const NAMES = Array.from({ length: 30 }, (_, index) => `app-${index + 1}`);

describe('a run of the watch over thirty secrets', () => {
  it('tells of all that are broken in one message that fits a screen, the worst first', async () => {
    await using rig = await startWatchRig();
    const secrets = await givenMixture(rig, NAMES);
    const before = rig.messages().length;

    const { report } = await rig.watch({ secrets });

    const [message, ...more] = rig.messages().slice(before);
    expect(more).toEqual([]);
    expect(message?.subject).toBe(
      '[gitlab-token-rotation] REVOKED: 15 of 30 secrets need somebody',
    );
    expect(message?.attributes).toEqual({ code: 'REVOKED', risk: 'consumers', step: 'watch' });
    const lines = message?.email.split('\n') ?? [];
    expect(lines.length).toBeLessThanOrEqual(40);
    // But for the command.
    expect(lines.filter((line) => line.length > 200 && !line.includes('aws lambda'))).toEqual([]);
    const heads = lines.filter((line) => /^[A-Z_]+: \d/.test(line));
    expect(heads.map((line) => line.split(':')[0])).toEqual([
      'REVOKED',
      'REVOKED',
      'SECRET_MALFORMED',
      'EXPIRES_SOON',
      'SCOPE_MISSING',
      'ROTATION_DISABLED',
    ]);
    expect(message?.email).toContain('app-5 (revoked), app-15 (revoked), app-25 (revoked)');
    expect(report.secrets.slice(15).flatMap(({ findings }) => findings)).toEqual([]);
    expect(report.secrets[0]?.findings[0]?.code).toBe('REVOKED');
  });

  it('reads, and changes nothing', async () => {
    await using rig = await startWatchRig({ setup: 'two tokens, recovery' });
    const { gitlab, cloud } = rig.stage;
    const secrets = await givenMixture(rig, NAMES.slice(0, 8));
    const pair = await givenSecret(rig, 'pair', { standby: {} });
    const [calls, asked] = [cloud.secretsManager.calls.length, gitlab.calls.length];

    await rig.watch({ secrets: [...secrets, pair.secretId] });

    const operations = cloud.secretsManager.calls.slice(calls).map(({ operation }) => operation);
    expect([...new Set(operations)].toSorted()).toEqual(['DescribeSecret', 'GetSecretValue']);
    const requests = gitlab.calls.slice(asked);
    expect([...new Set(requests.map(({ method }) => method))]).toEqual(['GET']);
    expect(requests.some(({ path }) => path.includes('rotate'))).toBe(false);
    expect(gitlab.rotateRequests).toEqual([]);
    expect([...new Set(cloud.sns.calls.map(({ operation }) => operation))]).toEqual(['Publish']);
  });

  it('says nothing where all is well, unless it is asked to, and nothing at all where it is quiet', async () => {
    await using rig = await startWatchRig();
    const { secretId, tokenId } = await givenSecret(rig, 'app');

    await rig.watch({ secrets: [secretId] });
    const silent = rig.messages().length;
    await rig.watch({ secrets: [secretId], reportWhenWell: true });
    rig.stage.gitlab.revoke(tokenId);
    const { report } = await rig.watch({ secrets: [secretId], quiet: true });

    expect(silent).toBe(0);
    expect(rig.messages().map(({ subject }) => subject)).toEqual([
      '[gitlab-token-rotation] WELL: 1 secret',
    ]);
    expect(codesOf(report, 'app')).toEqual(['REVOKED']);
  });

  it('does not take a rotation that is under way for a revoked token', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');
    const { cloud, clock } = rig.stage;
    // setSecret of this rotation takes half a minute to begin.
    cloud.lambda.faults.add({
      operation: 'Invoke',
      at: 'before',
      nth: 2,
      effect: { kind: 'delay', ms: 30_000 },
    });
    await cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
    await clock.during(clock.sleep(10_000));

    const { report } = await rig.watch({ secrets: [secretId] });

    expect(codesOf(report, 'app')).toEqual([]);
    expect(rig.stage.gitlab.rotateRequests).toHaveLength(1);
  });
});

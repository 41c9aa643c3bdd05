import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { MARGIN_DAYS } from '../../../infra/construct/props.ts';
import type { LogLine } from '../../../infra/local/lambda/log.ts';
import { codesOf, givenSecret, passDays, startWatchRig } from '../watch/watch-rig.ts';

/** The members of each line that the log has as CloudWatch takes metrics from it, but for `_aws`. */
function metricsIn(lines: readonly LogLine[]) {
  return lines
    .filter(({ raw }) => raw.startsWith('{"_aws":{"Timestamp":'))
    .map(({ entry: { _aws, ...members } = {} }) => members);
}

describe('the metrics of the deployed functions', () => {
  it('reach the log as they are, although the format of the log is JSON', async () => {
    await using rig = await startWatchRig();
    const { cloud, clock, gitlab } = rig.stage;
    const { secretId, tokenId } = await givenSecret(rig, 'app');
    const begun = cloud.lambda.logs.length;

    await cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
    await clock.during(cloud.secretsManager.rotationEnded(secretId));
    await rig.watch({ secrets: [secretId], daily: true });
    gitlab.revoke(tokenId + 1);
    await rig.watch({ secrets: [secretId], daily: true });

    const FunctionName = 'gitlab-token-rotation';
    const StepDuration = expect.any(Number);
    expect(metricsIn(cloud.lambda.logs.slice(begun))).toEqual([
      { FunctionName, Step: 'createSecret', StepDuration },
      { FunctionName, Step: 'setSecret', StepDuration },
      { FunctionName, Step: 'testSecret', StepDuration },
      { FunctionName, Step: 'finishSecret', StepDuration, RotationsSucceeded: 1 },
    ]);
    const watch = { FunctionName: 'gitlab-token-watch' };
    const ofToken = { ...watch, SecretName: 'app', Token: 'current' };
    expect(metricsIn(rig.lambda.logs)).toEqual([
      { ...ofToken, DaysToExpiry: 90 },
      { ...watch, SecretsWithFindings: 0 },
      { ...watch, Code: 'REVOKED', Findings: 1 },
      { ...ofToken, DaysToExpiry: 0 },
      { ...watch, SecretsWithFindings: 1 },
    ]);
  });

  it('do not let the alarm sound before a rotation, with the shortest lifetime that is allowed', async () => {
    await using rig = await startWatchRig();
    const interval = 30;
    const { secretId, name } = await givenSecret(rig, 'app', { days: interval + MARGIN_DAYS });

    // The day of the rotation.
    await passDays(rig, interval);
    const { report } = await rig.watch({ secrets: [secretId], daily: true });

    expect(codesOf(report, name)).toEqual([]);
    expect(metricsIn(rig.lambda.logs)).toContainEqual(
      expect.objectContaining({ SecretName: name, DaysToExpiry: MARGIN_DAYS }),
    );
  });
});

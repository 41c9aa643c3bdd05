import { describe, expect, it } from 'vitest';
import { codesOf, givenSecret, givenSecrets, secretIn, startWatchRig } from './watch-rig.ts';

const NINE = Array.from({ length: 9 }, (_, index) => `app-${index + 1}`);

describe('a GitLab that hangs', () => {
  it('does not keep the watch from what AWS says, and not for more than minutes', async () => {
    await using rig = await startWatchRig();
    const secrets = await givenSecrets(rig, NINE);
    rig.stage.gitlab.faults.add({
      operation: '*',
      at: 'before',
      times: 10_000,
      effect: { kind: 'hang' },
    });
    const from = rig.stage.clock.now().getTime();

    const { report } = await rig.watch({ secrets });

    for (const { name } of report.secrets) {
      expect(codesOf(report, name)).toEqual(['NOT_CHECKED', 'ROTATION_DISABLED']);
    }
    expect(rig.stage.clock.now().getTime() - from).toBeLessThan(300_000);
  });
});

describe('a Secrets Manager that hangs', () => {
  it('hides no secret that is looked at after that', async () => {
    await using rig = await startWatchRig();
    const secrets = await givenSecrets(rig, NINE);
    // As often as the first eight are asked for, which are looked at together.
    rig.stage.cloud.secretsManager.faults.add({
      operation: 'DescribeSecret',
      at: 'before',
      times: 8 * 3,
      effect: { kind: 'hang' },
    });

    const { report } = await rig.watch({ secrets });

    expect(NINE.map((name) => codesOf(report, name).join())).toEqual([
      ...NINE.slice(0, 8).map(() => 'NOT_CHECKED'),
      'ROTATION_DISABLED',
    ]);
  });
});

describe('a message that nobody takes', () => {
  it('makes the invocation fail, so that Lambda tells', async () => {
    await using rig = await startWatchRig();
    const { secretId, tokenId } = await givenSecret(rig, 'app');
    rig.stage.gitlab.revoke(tokenId);
    rig.stage.cloud.sns.faults.add({
      operation: 'Publish',
      at: 'before',
      times: 100,
      effect: { kind: 'reset' },
    });

    const { error } = await rig.watch({ secrets: [secretId] });

    expect(error.errorMessage).toBe('UNEXPECTED: the findings could not be published');
    const logged = rig.lambda.logs.map((line) => JSON.stringify(line)).join('\n');
    expect(logged).toContain('REVOKED');
  });
});

describe('an event or a configuration that is wrong', () => {
  it.each([
    [{}, {}, 'EVENT_INVALID'],
    [{ secrets: [] }, {}, 'EVENT_INVALID'],
    [{ secrets: ['app'] }, { ROTATION_FUNCTION_ARN: 'rotation' }, 'CONFIG_INVALID'],
    [{ secrets: ['app'] }, { GITLAB_URL: 'gitlab' }, 'CONFIG_INVALID'],
  ])('%j with %j: %s', async (event, environment, code) => {
    await using rig = await startWatchRig({ environment });

    const { error } = await rig.watch(event);

    expect(error.errorType).toBe('RotationError');
    expect(error.errorMessage).toContain(code);
    expect(rig.messages()).toEqual([]);
  });
});

describe('a secret that is not there', () => {
  it('is found by the name that the event has', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');

    const { report } = await rig.watch({ secrets: ['gone', secretId] });

    expect(secretIn(report, 'gone').findings).toMatchObject([{ code: 'SECRET_MISSING' }]);
    expect(codesOf(report, 'app')).toEqual([]);
  });
});

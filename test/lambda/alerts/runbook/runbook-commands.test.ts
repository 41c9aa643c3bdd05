import {
  CreateSecretCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Details, FailureCode, NoticeCode } from '../../../../lambda/failure.ts';
import { startRig } from '../../../rig/local/secrets-manager-rig.ts';
import { current, failRotation, givenSecret, runSection } from '../../../rig/shell/operator.ts';
import { type OperatorShell, openShell } from '../../../rig/shell/operator-shell.ts';
import { advise, commandsOf, IDS } from '../cases.ts';

const PENDING = '11111111-aaaa-4aaa-8aaa-111111111111';
const OLDER = '44444444-dddd-4ddd-8ddd-444444444444';

let shell: OperatorShell;

beforeAll(async () => {
  shell = await openShell();
});
afterAll(() => shell[Symbol.asyncDispose]());

/** The commands of an alert about this secret, those that hold this text. */
function commandsWith(
  text: string,
  secretId: string,
  code: FailureCode | NoticeCode,
  details: Details = {},
): readonly string[] {
  const ids = { ...IDS, secretId, versionId: PENDING };
  return commandsOf(advise(code, 'createSecret', details, ids)).filter((command) =>
    command.includes(text),
  );
}

describe('the commands of an alert about a standby', () => {
  it.each([
    [
      'with all that stands beside it',
      {
        token: 'active',
        tokenId: '1',
        standby: { token: 'dead', tokenId: '2', note: 'b' },
        n: 1e2,
      },
      { token: 'active', tokenId: '1', standby: { token: 'typed', note: 'b' }, n: 100 },
    ],
    [
      'into a secret that has none',
      { token: 'active', tokenId: '1' },
      { token: 'active', tokenId: '1', standby: { token: 'typed' } },
    ],
    [
      'where it is null',
      { token: 'active', standby: null },
      { token: 'active', standby: { token: 'typed' } },
    ],
  ])('put the token that was typed, %s', async (_where, before, after) => {
    await using rig = await startRig();
    const secretId = await givenSecret(rig, before);
    const [put = '', ...more] = commandsWith('put-secret-value', secretId, 'STANDBY_DEAD', {
      reason: 'expired',
    });

    const { stdout, stderr } = await shell.run(rig.secretsManager, put);

    expect(more).toEqual([]);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('typed');
    expect(JSON.parse(current(rig))).toEqual(after);
  });

  it('show the ids of both tokens, and nothing else of the secret', async () => {
    await using rig = await startRig();
    const secretId = await givenSecret(rig, {
      token: 'active',
      tokenId: '1',
      standby: { token: 'dead', tokenId: '2' },
    });
    const [show = ''] = commandsWith('standbyTokenId', secretId, 'STANDBY_DEAD', {
      reason: 'revoked',
    });

    const { stdout, stderr } = await shell.run(rig.secretsManager, show);

    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ tokenId: '1', standbyTokenId: '2' });
  });
});

describe('the commands of an alert about a lost successor', () => {
  it('make the version current in which an active token was found', async () => {
    await using rig = await startRig();
    const secretId = await givenSecret(rig, 'dead');
    await rig.client.send(
      new PutSecretValueCommand({
        SecretId: secretId,
        ClientRequestToken: OLDER,
        SecretString: 'active',
        VersionStages: ['AWSPENDING'],
      }),
    );
    await rig.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: OLDER,
      }),
    );
    const details = { reason: 'revoked', salvage: 'not-stored', salvageVersionId: OLDER };
    const [find = ''] = commandsWith('CURRENT_NOW=', secretId, 'CURRENT_TOKEN_DEAD', details);
    const [adopt = ''] = commandsWith(
      `--move-to-version-id ${OLDER}`,
      secretId,
      'CURRENT_TOKEN_DEAD',
      details,
    );

    const { stderr } = await shell.run(rig.secretsManager, `${find}\n${adopt}`);

    expect(stderr).toBe('');
    expect(current(rig)).toBe('active');
  });

  it('put another recovery token where the function reads it', async () => {
    await using rig = await startRig();
    const secretId = await givenSecret(rig, 'untouched');
    const { ARN: recovery = '' } = await rig.client.send(
      new CreateSecretCommand({ Name: 'recovery', SecretString: '{"token":"dead"}' }),
    );
    const [put = '', ...more] = commandsWith('$RECOVERY_SECRET_ARN"', secretId, 'SUCCESSOR_LOST', {
      recovery: 'dead',
    }).filter((command) => command.includes('read -rs'));

    const { stdout, stderr } = await shell.run(rig.secretsManager, put, {
      RECOVERY_SECRET_ARN: recovery,
    });

    expect(more).toEqual([]);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('typed');
    expect(rig.secretsManager.valueOf('recovery', 'AWSCURRENT')).toBe('typed');
    expect(current(rig)).toBe('untouched');
  });
});

// All the others: runbook-commands.prove.ts.
describe('the commands of the runbook', () => {
  it('unblock a rotation that left an empty version, and start another', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    const SECRET_ARN = await givenSecret(rig, 'active');
    const VERSION_ID = await failRotation(rig, SECRET_ARN, 'createSecret');
    const ids = { SECRET_ARN, VERSION_ID };

    const blocked = await runSection(shell, rig, 'rotate', ids);
    const looked = await runSection(shell, rig, 'see-whether-it-has-a-value', ids);
    const dropped = await runSection(shell, rig, 'take-the-label-off', ids);
    const rotated = await runSection(shell, rig, 'rotate', ids);

    expect(blocked.stderr).toContain("A previous rotation isn't complete");
    expect(looked.stderr).toContain('ResourceNotFoundException');
    expect(dropped.stderr + rotated.stderr).toBe('');
    expect(JSON.parse(rotated.stdout)).toMatchObject({ ARN: SECRET_ARN });
  });
});

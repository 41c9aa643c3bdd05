import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recoveryCredential } from '../../../infra/local/demo/recovery-credential.ts';
import { accessDenied } from '../../../infra/local/secrets-manager/state/errors.ts';
import { FINDINGS, type FindingCode } from '../../../lambda/failure.ts';
import type { AwsVerdict } from '../../../lambda/watch/watch-event.ts';
import {
  bridged,
  codesOf,
  DAY_MS,
  type Given,
  type GivenProps,
  givenSecret,
  passDays,
  secretIn,
  stagePending,
  startWatchRig,
  type WatchRig,
  type WatchRigProps,
} from './watch-rig.ts';

interface Case {
  readonly rig?: WatchRigProps;
  readonly given?: GivenProps;
  readonly arrange?: (rig: WatchRig, given: Given) => unknown;
  /** What AWS reports of the secret. @default - it is the daily run */
  readonly reported?: AwsVerdict['eventName'];
  /** At the secret, then at the recovery credential. */
  readonly codes: readonly FindingCode[];
}

const STANDBY = { standby: {} };
/** Not the function that the secrets on this stage name. */
const OURS = 'arn:aws:lambda:eu-central-1:123456789012:function:ours';
const RECOVERY = { setup: 'one token, recovery' } as const;

/** What somebody, or time, does to a secret, and what the watch finds. */
const CASES: Readonly<Record<string, Case>> = {
  'nothing is wrong': { codes: [] },
  'nothing is wrong with two tokens': { given: STANDBY, codes: [] },
  'somebody revoked the token': {
    arrange: ({ stage }, { tokenId }) => stage.gitlab.revoke(tokenId),
    codes: ['REVOKED'],
  },
  'the token expired': { given: { days: -1 }, codes: ['EXPIRED'] },
  'the token expires before the next rotation': {
    given: { days: 15 },
    codes: ['EXPIRES_SOON'],
  },
  'the token lacks its scope': { given: { scopes: ['read_api'] }, codes: ['SCOPE_MISSING'] },
  'the user is blocked': {
    arrange: (rig, { tokenId }) => block(rig, tokenId),
    codes: ['REFUSED'],
  },
  'tokenId names another token': {
    given: { secretString: (token) => JSON.stringify({ token, tokenId: '77' }) },
    codes: ['TOKEN_ID_DIFFERS'],
  },
  'somebody switched rotation off': {
    arrange: ({ stage }, { secretId }) =>
      stage.cloud.operator.send(new CancelRotateSecretCommand({ SecretId: secretId })),
    codes: ['ROTATION_DISABLED'],
  },
  'another function rotates it': {
    rig: { environment: { ROTATION_FUNCTION_ARN: OURS } },
    codes: ['ROTATION_BY_ANOTHER'],
  },
  'no rotation came': { arrange: (rig) => passDays(rig, 32), codes: ['ROTATION_OVERDUE'] },
  'a rotation is stuck on an empty version': {
    arrange: async (rig, { secretId }) => {
      const { lambda, secretsManager, operator } = rig.stage.cloud;
      lambda.faults.add({
        operation: 'Invoke',
        at: 'before',
        times: 100,
        effect: { kind: 'reset' },
      });
      await operator.send(new RotateSecretCommand({ SecretId: secretId }));
      await rig.stage.clock.during(secretsManager.rotationEnded(secretId));
      // Until then it may be taken up again.
      await passDays(rig, 32);
    },
    codes: ['ROTATION_STUCK', 'ROTATION_OVERDUE'],
  },
  'a rotation is stuck on a version with an active token': {
    arrange: async (rig, { secretId, token }) => {
      await stagePending(rig, secretId, token);
      await passDays(rig, 2);
    },
    codes: ['ROTATION_STUCK'],
  },
  'the standby is revoked': {
    given: STANDBY,
    arrange: ({ stage }, { standbyId = 0 }) => stage.gitlab.revoke(standbyId),
    codes: ['STANDBY_DEAD'],
  },
  'the user of the standby is blocked': {
    given: STANDBY,
    arrange: (rig, { standbyId = 0 }) => block(rig, standbyId),
    codes: ['STANDBY_REFUSED'],
  },
  'the standby expires before its rotation': {
    given: { standby: { days: 15 } },
    codes: ['STANDBY_EXPIRES_SOON'],
  },
  'the current token expires before the rotation after the next': {
    given: { ...STANDBY, days: 41 },
    codes: ['EXPIRES_SOON'],
  },
  'the standby lacks its scope, and so differs': {
    given: { standby: { scopes: ['read_api'] } },
    codes: ['STANDBY_SCOPE_MISSING', 'STANDBY_DIFFERS'],
  },
  'the standby has another scope': {
    given: { standby: { scopes: ['self_rotate', 'read_api'] } },
    codes: ['STANDBY_DIFFERS'],
  },
  'the standby is missing': {
    rig: { environment: { ALTERNATING_TOKENS: 'true' } },
    codes: ['STANDBY_MISSING'],
  },
  'the secret is deleted': {
    arrange: ({ stage }, { secretId }) =>
      stage.cloud.operator.send(new DeleteSecretCommand({ SecretId: secretId })),
    codes: ['SECRET_MISSING'],
  },
  'the value has another shape': {
    arrange: ({ stage }, { secretId }) =>
      stage.cloud.operator.send(
        new PutSecretValueCommand({ SecretId: secretId, SecretString: '{"password":"x"}' }),
      ),
    codes: ['SECRET_MALFORMED'],
  },
  'the secret may not be read': {
    arrange: ({ stage }) =>
      stage.cloud.secretsManager.faults.add({
        operation: 'GetSecretValue',
        at: 'before',
        times: 100,
        effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
      }),
    codes: ['UNREADABLE'],
  },
  'Secrets Manager does not answer': {
    arrange: ({ stage }) =>
      stage.cloud.secretsManager.faults.add({
        operation: 'GetSecretValue',
        at: 'before',
        times: 100,
        effect: { kind: 'reset' },
      }),
    codes: ['NOT_CHECKED'],
  },
  'GitLab does not answer': {
    arrange: ({ stage }) =>
      stage.gitlab.faults.add({
        operation: '*',
        at: 'before',
        times: 100,
        effect: { kind: 'reset' },
      }),
    codes: ['NOT_CHECKED'],
  },
  'the recovery credential is revoked': {
    rig: RECOVERY,
    arrange: ({ stage: { gitlab } }) => {
      const recovery = gitlab.tokens.find(({ scopes }) => scopes.includes('api'));
      gitlab.revoke(recovery?.id ?? 0);
    },
    codes: ['RECOVERY_UNUSABLE'],
  },
  'the recovery credential expires before the next rotation': {
    rig: RECOVERY,
    arrange: (rig) => renewRecovery(rig, 15),
    codes: ['RECOVERY_EXPIRES_SOON'],
  },
  'AWS reports that a rotation failed': {
    reported: 'RotationFailed',
    codes: ['ROTATION_FAILED'],
  },
  'AWS reports that a rotation was abandoned': {
    reported: 'RotationAbandoned',
    codes: ['ROTATION_ABANDONED'],
  },
  'AWS reports that a dry run failed': {
    reported: 'TestRotationFailed',
    codes: ['DRY_RUN_FAILED'],
  },
};

/** As an administrator of GitLab does it with the user, or the bot, of a token. */
function block({ stage: { gitlab } }: WatchRig, tokenId: number): void {
  const { userId = 0 } = gitlab.tokens.find(({ id }) => id === tokenId) ?? {};
  Object.assign(gitlab.user(userId), { state: 'blocked' });
}

/** Puts another recovery credential, which expires in so many days. */
async function renewRecovery({ stage }: WatchRig, days: number): Promise<void> {
  const { gitlab, cloud, clock } = stage;
  const expiresAt = new Date(clock.now().getTime() + days * DAY_MS).toISOString().slice(0, 10);
  const group = gitlab.addGroup({ path: 'people' });
  await cloud.operator.send(
    new PutSecretValueCommand({
      SecretId: cloud.recoverySecretId,
      SecretString: recoveryCredential(gitlab, group, expiresAt),
    }),
  );
}

function eventFor({ reported }: Case, secretId: string): object {
  return reported === undefined
    ? { secrets: [secretId] }
    : bridged({
        eventName: reported,
        eventTime: '2026-11-30T06:00:00Z',
        additionalEventData: { SecretId: secretId },
      });
}

let shared: WatchRig;

beforeAll(async () => {
  shared = await startWatchRig();
});
afterAll(() => shared[Symbol.asyncDispose]());

describe('the watch finds', () => {
  it.each(Object.entries(CASES))('%s', async (what, each) => {
    const { rig: props, given, arrange, codes } = each;
    await using own = props && (await startWatchRig(props));
    const rig = own ?? shared;
    const { gitlab, cloud } = rig.stage;
    const name = what.replaceAll(/\W/g, '-');
    const secret = await givenSecret(rig, name, given);
    await arrange?.(rig, secret);
    const before = rig.messages().length;

    const { report } = await rig.watch(eventFor(each, secret.secretId));

    const ofRecovery = report.recovery?.findings.map(({ code }) => code) ?? [];
    expect([...codesOf(report, name), ...ofRecovery]).toEqual(codes);
    const sent = rig.messages().slice(before);
    expect(sent.map(({ attributes }) => attributes['code'])).toEqual(codes.slice(0, 1));
    expect(sent.map(({ attributes }) => attributes['step'])).toEqual(
      codes.slice(0, 1).map(() => 'watch'),
    );
    expect(secretIn(report, name).arn).toBe(secret.secretId);
    expect(JSON.stringify([report, sent])).not.toContain(secret.token);
    for (const server of [gitlab, cloud.secretsManager, cloud.lambda]) {
      server.faults.clear();
    }
  });

  it('in these cases every code that there is', () => {
    const found = new Set(Object.values(CASES).flatMap(({ codes }) => codes));

    expect([...found].sort()).toEqual(Object.keys(FINDINGS).sort());
  });

  it('a new secret without a token, which affects nobody yet', async () => {
    const { clock, cloud } = shared.stage;
    const { ARN = '' } = await cloud.operator.send(new CreateSecretCommand({ Name: 'new' }));
    await cloud.operator.send(
      new RotateSecretCommand({
        SecretId: ARN,
        RotationLambdaARN: cloud.lambda.functionArn,
        RotationRules: { AutomaticallyAfterDays: 30 },
        RotateImmediately: false,
      }),
    );
    await clock.during(cloud.secretsManager.rotationEnded(ARN));

    const { report } = await shared.watch({ secrets: [ARN] });

    expect(codesOf(report, 'new')).toEqual(['SECRET_MISSING']);
    const message = shared.messages().at(-1);
    expect(message?.attributes).toMatchObject({ code: 'SECRET_MISSING', risk: 'none' });
    expect(message?.email).toContain('nobody has put its first token yet');
  });
});

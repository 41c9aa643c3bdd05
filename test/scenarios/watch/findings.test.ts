import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessDenied } from '../../../infra/local/secrets-manager/state/errors.ts';
import {
  codesOf,
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
  readonly codes: readonly string[];
}

const STANDBY = { standby: {} };

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
    arrange: ({ stage: { gitlab } }, { tokenId }) => {
      const { userId = 0 } = gitlab.tokens.find(({ id }) => id === tokenId) ?? {};
      Object.assign(gitlab.user(userId), { state: 'blocked' });
    },
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
};

let shared: WatchRig;

beforeAll(async () => {
  shared = await startWatchRig();
});
afterAll(() => shared[Symbol.asyncDispose]());

describe('the watch finds', () => {
  it.each(Object.entries(CASES))('%s', async (what, { rig: props, given, arrange, codes }) => {
    await using own = props && (await startWatchRig(props));
    const rig = own ?? shared;
    const { gitlab, cloud } = rig.stage;
    const name = what.replaceAll(/\W/g, '-');
    const secret = await givenSecret(rig, name, given);
    await arrange?.(rig, secret);
    const before = rig.messages().length;

    const { report } = await rig.watch({ secrets: [secret.secretId] });

    expect(codesOf(report, name)).toEqual(codes);
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

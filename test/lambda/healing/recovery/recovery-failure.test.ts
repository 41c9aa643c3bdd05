import { describe, expect, it } from 'vitest';
import { badGateway } from '../../../../infra/local/gitlab/api/fault-answers.ts';
import { accessDenied } from '../../../../infra/local/secrets-manager/state/errors.ts';
import type { RotationError } from '../../../../lambda/failure.ts';
import { failureOf } from '../../../rig/function/alternating-rig.ts';
import {
  addRecovery,
  type RecoveryCredential,
  type RecoveryProps,
} from '../../../rig/function/recovery-rig.ts';
import { type Rig, type RigProps, startRig } from '../../../rig/function/rig.ts';
import { onRotate } from '../../../rig/function/rotate-faults.ts';

interface Case {
  readonly rig?: RigProps;
  readonly recovery?: RecoveryProps;
  readonly prepare?: (rig: Rig, credential: RecoveryCredential) => unknown;
}

/** Loses the answer to a rotation, and tries to recover the successor. */
async function recovering({ rig: props, recovery, prepare }: Case) {
  const rig = await startRig(props);
  const credential = await addRecovery(rig, recovery);
  await prepare?.(rig, credential);
  onRotate(rig, 'after', { kind: 'reset' });
  const failure = (await failureOf(rig.run('createSecret'))) as RotationError;
  const requests = rig.gitlab.rotateRequests;
  return {
    failure,
    requests,
    active: rig.gitlab.isActive('successor-1'),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

const cases: readonly (readonly [string, Case, object])[] = [
  [
    'a secret that names no project',
    { rig: { secretString: () => '{"token":"first","tokenId":1}' } },
    { recovery: 'no-project' },
  ],
  [
    'a recovery secret that is missing',
    { recovery: { secretString: null } },
    { recovery: 'unreadable', recoveryError: 'SECRET_MISSING' },
  ],
  [
    'a recovery secret that is malformed',
    { recovery: { secretString: '{"token":""}' } },
    { recovery: 'unreadable', recoveryError: 'SECRET_MALFORMED' },
  ],
  [
    'a recovery secret that is a string stored as JSON',
    { recovery: { secretString: '"maintainer"' } },
    { recovery: 'unreadable', recoveryError: 'SECRET_MALFORMED' },
  ],
  [
    'a recovery secret that cannot be read for a reason that nobody foresaw',
    {
      prepare: ({ services: { secrets } }, { secretId }) => {
        const { readCurrent } = secrets;
        secrets.readCurrent = (id, timeoutMs) =>
          id === secretId
            ? Promise.reject(new TypeError('unforeseen'))
            : readCurrent.call(secrets, id, timeoutMs);
      },
    },
    { recovery: 'unreadable' },
  ],
  [
    'a recovery token that is dead',
    { prepare: ({ gitlab }, { tokenId }) => gitlab.revoke(tokenId) },
    { recovery: 'dead', recoveryReason: 'revoked' },
  ],
  [
    'a recovery token without the scope api',
    { recovery: { scopes: ['read_api', 'self_rotate'] } },
    { recovery: 'scope-missing', recoveryScopes: ['read_api', 'self_rotate'] },
  ],
  [
    'a Developer',
    { recovery: { level: 30 } },
    { recovery: 'refused', recoveryRefusal: 'not-a-member', status: 401 },
  ],
  [
    'the token of a project',
    {
      recovery: { secretString: 'bot' },
      prepare: ({ gitlab, project: resource }) => {
        gitlab.createAccessToken({ resource, scopes: ['api'], accessLevel: 50, value: 'bot' });
      },
    },
    { recovery: 'refused', status: 401, candidates: [expect.stringMatching(/^4 "publish" 20/)] },
  ],
  [
    'a group that forbids new tokens',
    {
      prepare: ({ gitlab }) => gitlab.addGroup({ path: 'group', accessTokensAllowed: false }),
    },
    { recovery: 'refused', status: 401, candidates: [expect.stringMatching(/^3 "publish" 20/)] },
  ],
  [
    'a Maintainer, for the token of an Owner',
    { prepare: ({ gitlab }) => Object.assign(gitlab.members[0] ?? {}, { level: 50 }) },
    { recovery: 'refused', status: 400, candidates: [expect.stringMatching(/^3 "publish" 20/)] },
  ],
  [
    'a bot that has no active token',
    {
      prepare: ({ gitlab }) =>
        gitlab.faults.add({
          operation: 'listTokens',
          at: 'before',
          effect: { kind: 'run', run: () => gitlab.revoke(3) },
        }),
    },
    { recovery: 'no-candidate' },
  ],
  [
    'a bot that has two active tokens',
    {
      prepare: ({ gitlab }) => {
        const user = gitlab.user(1);
        gitlab.createPersonalToken({ user, scopes: ['api'], name: 'by hand', value: 'two' });
      },
    },
    {
      recovery: 'several-candidates',
      candidates: [
        expect.stringMatching(/^3 "by hand" 20\d\d-/),
        expect.stringMatching(/^4 "publish" 20\d\d-/),
      ],
    },
  ],
];

describe('a successor stays lost, and the failure says why, with', () => {
  it.each(cases)('%s', async (_what, circumstances, details) => {
    await using it = await recovering(circumstances);

    expect(it.failure).toMatchObject({ code: 'SUCCESSOR_LOST', details });
    expect(it.requests.filter(({ deadToken }) => deadToken)).toEqual([]);
  });

  it.each([
    ['probe', 4],
    ['listTokens', 1],
  ])('a GitLab that does not answer any more: %s', async (operation, nth) => {
    const effect = { kind: 'answer', answer: badGateway() } as const;
    await using it = await recovering({
      prepare: ({ gitlab }) =>
        gitlab.faults.add({ operation, at: 'before', nth, times: 1000, effect }),
    });

    expect(it.failure).toMatchObject({
      code: 'SUCCESSOR_LOST',
      details: { recovery: 'unreachable', status: 502 },
    });
    expect(it.active).toBe(true);
  });
});

describe('a recovery token that is no good', () => {
  it.each([
    ['dead', { prepare: ({ gitlab }, { tokenId }) => gitlab.revoke(tokenId) } satisfies Case],
    ['without the scope api', { recovery: { scopes: ['read_api'] } } satisfies Case],
  ])('is presented to no rotate endpoint: %s', async (_what, circumstances: Case) => {
    await using it = await recovering(circumstances);

    expect(it.requests.map(({ operation }) => operation)).toEqual(['rotate']);
    expect(it.active).toBe(true);
  });
});

describe('in a later run', () => {
  async function laterRun(secretString: NonNullable<RigProps['secretString']>) {
    const rig = await startRig({ secretString });
    onRotate(rig, 'after', { kind: 'reset' });
    await failureOf(rig.run('createSecret'));
    return rig;
  }

  it('nothing is guessed about a token whose id the secret does not hold', async () => {
    await using rig = await laterRun(({ projectId }) =>
      JSON.stringify({ token: 'first', projectId }),
    );
    await addRecovery(rig);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { recovery: 'unknown-bot', reason: 'revoked' },
    });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('nothing is guessed about an id of which GitLab tells no user', async () => {
    await using rig = await laterRun(({ projectId }) =>
      JSON.stringify({ token: 'first', tokenId: '1', projectId }),
    );
    const { administered } = await addRecovery(rig);
    administered.find = async () => ({ kind: 'listed', tokens: [] });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: { recovery: 'unknown-bot' },
    });
  });

  it('nothing is done with an active token that the secret names by mistake', async () => {
    await using rig = await laterRun(({ projectId }) =>
      JSON.stringify({ token: 'first', tokenId: '3', projectId }),
    );
    const { gitlab, project: resource } = rig;
    const other = gitlab.createAccessToken({ resource, scopes: ['api'], value: 'other' });
    expect(other.id).toBe(3);
    await addRecovery(rig);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { recovery: 'unknown-bot' },
    });

    expect(gitlab.isActive('other')).toBe(true);
  });

  it('passes on as it is what nobody foresaw', async () => {
    await using rig = await laterRun(() => '{"token":"first","tokenId":1,"projectId":1}');
    const unforeseen = new TypeError('unforeseen');
    const { administered } = await addRecovery(rig);
    administered.find = () => Promise.reject(unforeseen);

    expect(await failureOf(rig.run('createSecret'))).toBe(unforeseen);
  });

  it('says that the recovery secret may not be read', async () => {
    await using rig = await laterRun(() => '{"token":"first","tokenId":1,"projectId":1}');
    await addRecovery(rig);
    const { secrets } = rig.services;
    const { readCurrent } = secrets;
    secrets.readCurrent = (id, timeoutMs) => {
      if (id !== rig.secretId) {
        rig.secretsManager.faults.add({
          operation: 'GetSecretValue',
          at: 'before',
          effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
        });
      }
      return readCurrent.call(secrets, id, timeoutMs);
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: { recovery: 'unreadable', recoveryError: 'STORE_DENIED' },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { accessDenied } from '../../infra/local/secrets-manager/state/errors.ts';
import { type Rig, type RigProps, startRig } from '../rig/function/rig.ts';

interface Case {
  readonly props?: RigProps;
  readonly arrange?: (rig: Rig) => unknown;
  readonly code: string;
}

/** What is wrong with the value, with the token, or on the way to either. */
const SEEN: Readonly<Record<string, Case>> = {
  'the secret may not be read': {
    arrange: (rig) => deny(rig, 'GetSecretValue'),
    code: 'STORE_DENIED',
  },
  'the secret has no value': { props: { secretString: null }, code: 'SECRET_MISSING' },
  'the value has another shape': {
    props: { secretString: () => '{"password":"first"}' },
    code: 'SECRET_MALFORMED',
  },
  'GitLab does not answer': {
    arrange: ({ gitlab }) => gitlab.pause(),
    code: 'GITLAB_UNREACHABLE',
  },
  'the token is dead': {
    arrange: ({ gitlab, firstTokenId }) => gitlab.revoke(firstTokenId),
    code: 'PENDING_TOKEN_REJECTED',
  },
  'tokenId names another token': {
    props: { secretString: () => '{"token":"first","tokenId":"77"}' },
    code: 'PENDING_TOKEN_REJECTED',
  },
  'the token may not rotate itself': { props: { scopes: ['read_api'] }, code: 'SCOPE_MISSING' },
  'the token expires before the next rotation': {
    props: { rotationRules: { AutomaticallyAfterDays: 100 } },
    code: 'PENDING_TOKEN_REJECTED',
  },
};

/** What only the rotation itself comes across. */
const UNSEEN: Readonly<Record<string, Case>> = {
  'projectId is that of another project': {
    props: { secretString: () => '{"token":"first","projectId":77}' },
    code: 'ROTATION_REFUSED',
  },
  // To which self_rotate is unknown: such a token cannot even be probed there.
  'GitLab is older than 17.9': {
    props: { scopes: ['api'] },
    arrange: ({ gitlab }) => Object.assign(gitlab.settings, { version: '17.8' }),
    code: 'ROTATION_REFUSED',
  },
  'the secret may not be written': {
    arrange: (rig) => deny(rig, 'PutSecretValue'),
    code: 'STORE_DENIED',
  },
};

function deny({ secretsManager }: Rig, operation: string): void {
  secretsManager.faults.add({
    operation,
    at: 'before',
    times: Number.POSITIVE_INFINITY,
    effect: { kind: 'answer', answer: accessDenied(`secretsmanager:${operation}`) },
  });
}

async function startCase({ props, arrange }: Case): Promise<Rig> {
  const rig = await startRig(props);
  await arrange?.(rig);
  return rig;
}

// infra/operations.md has both lists.
describe('the dry run', () => {
  it.each(Object.entries(SEEN))('tells that %s', async (_what, seen) => {
    await using rig = await startCase(seen);

    await expect(rig.dryRun()).rejects.toMatchObject({ code: seen.code });
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it.each(Object.entries(UNSEEN))(
    'passes though %s, and the rotation then changes nothing',
    async (_what, unseen) => {
      await using rig = await startCase(unseen);

      await expect(rig.run('createSecret')).rejects.toMatchObject({ code: unseen.code });
      await rig.dryRun();

      expect(rig.gitlab.isActive('first')).toBe(true);
      expect(rig.value('AWSCURRENT')).toMatchObject({ token: 'first' });
    },
  );

  it('makes no call but those that read and the probe, and so finds out no other right', async () => {
    await using rig = await startRig();

    await rig.dryRun();

    const operations = rig.secretsManager.calls.map(({ operation }) => operation);
    const ofStep = operations.slice(operations.lastIndexOf('RotateSecret') + 1);
    expect(ofStep.toSorted()).toEqual(['DescribeSecret', 'GetSecretValue', 'GetSecretValue']);
    expect(rig.gitlab.calls.map(({ operation }) => operation)).toEqual(['probe']);
  });
});

import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { accessDenied, kmsDenied } from '../../../infra/local/secrets-manager/errors.ts';
import { putSecond, type Rig, startRig } from '../../rig.ts';

function livingTokenIds({ gitlab }: Rig): number[] {
  return gitlab.tokens.filter(({ active }) => active).map(({ id }) => id);
}

describe('createSecret', () => {
  it('lets the token rotate itself and stores the successor as AWSPENDING', async () => {
    await using rig = await startRig();

    await rig.run('createSecret');

    const [successorId] = livingTokenIds(rig);
    expect(rig.gitlab.isAlive('first')).toBe(false);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-1',
      tokenId: String(successorId),
      projectId: rig.project.id,
    });
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it.each([
    ['without an id', () => '{"token":"first"}'],
    ['with its id', undefined],
  ])('has nothing to remark on a token %s', async (_what, secretString) => {
    await using rig = await startRig({ ...(secretString && { secretString }) });

    await rig.run('createSecret');

    const messages = rig.log.map(({ message }) => message);
    expect(messages).not.toContain('the tokenId of the secret is not the id of its token');
  });

  it('asks for a token that lives as long as it is told, counted in UTC days', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 100 } });

    await rig.run('createSecret');

    const expected = new Date(rig.clock.now().getTime() + 100 * 86_400_000);
    const expiresAt = expected.toISOString().slice(0, 10);
    expect(rig.gitlab.tokens.at(-1)?.expiresAt).toBe(expiresAt);
    expect(rig.log.at(-1)).toEqual({
      message: 'GitLab has rotated the token, and its successor is stored',
      details: { tokenId: rig.value('AWSPENDING')?.tokenId, expiresAt },
    });
  });

  it('probes and proves the write before it rotates', async () => {
    await using rig = await startRig();
    let before: unknown;
    rig.gitlab.faults.add({
      operation: 'rotate',
      at: 'before',
      effect: {
        kind: 'run',
        run: () => {
          before = {
            probes: rig.gitlab.calls.filter(({ operation }) => operation === 'probe').length,
            puts: rig.secretsManager.calls.filter(({ operation }) => operation === 'PutSecretValue')
              .length,
          };
        },
      },
    });

    await rig.run('createSecret');

    expect(before).toEqual({ probes: 2, puts: 1 });
  });

  it('rotates once when Secrets Manager repeats the step', async () => {
    await using rig = await startRig();

    await rig.run('createSecret');
    const calls = rig.gitlab.calls.length;
    await rig.run('createSecret');

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.gitlab.calls).toHaveLength(calls);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(rig.log.at(-1)?.message).toBe('the version has a value already');
  });

  it('does nothing when the version is current already', async () => {
    await using rig = await startRig();
    await rig.run('createSecret');
    await rig.run('finishSecret');
    // As AWS does when a rotation is through.
    await rig.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: rig.secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: rig.request.versionId,
      }),
    );
    const calls = rig.gitlab.calls.length;

    await rig.run('createSecret');

    expect(rig.gitlab.calls).toHaveLength(calls);
    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    expect(rig.log.at(-1)?.message).toBe('the version is current already');
  });

  it.each([
    ['a group token', 'groupId', 'group', '/groups/1/access_tokens/self/rotate'],
    ['a token without owner', 'note', 'project', '/personal_access_tokens/self/rotate'],
  ])('rotates %s at its own endpoint', async (_kind, member, resource, path) => {
    await using rig = await startRig({
      secretString: () => JSON.stringify({ token: 'other', [member]: 1 }),
    });
    rig.gitlab.createAccessToken({
      resource: resource === 'group' ? rig.gitlab.addGroup({ path: 'group' }) : rig.project,
      scopes: ['self_rotate'],
      value: 'other',
    });

    await rig.run('createSecret');

    const request = rig.gitlab.calls.find(({ operation }) => operation === 'rotate');
    expect(request?.path).toBe(`/api/v4${path}`);
    expect(rig.gitlab.isAlive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
  });

  it('corrects a tokenId that somebody put by hand, and says so', async () => {
    await using rig = await startRig({
      secretString: () => JSON.stringify({ token: 'first', tokenId: '999' }),
    });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.tokenId).toBe(String(livingTokenIds(rig)[0]));
    expect(rig.log).toContainEqual({
      message: 'the tokenId of the secret is not the id of its token',
      details: { tokenId: String(rig.firstTokenId), statedTokenId: '999' },
    });
  });
});

describe('when GitLab tells of the successor nothing but its value', () => {
  it('stores it without an id', async () => {
    await using rig = await startRig();
    rig.gitlab.faults.add({
      operation: 'rotate',
      at: 'after',
      effect: { kind: 'answer', answer: { status: 200, body: '{"token":"successor-1"}' } },
    });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toEqual({ token: 'successor-1', projectId: rig.project.id });
    expect(rig.log.at(-1)?.details).toStrictEqual({});
  });
});

describe("when GitLab answers with another user's token", () => {
  it.each([
    ['JSON', undefined, 'another'],
    ['plain text', () => 'first', 'nobody'],
  ])('stores it in %s and says whose it is', async (_shape, secretString, refusedBy) => {
    await using rig = await startRig({ ...(secretString && { secretString }) });
    const { gitlab, project: resource } = rig;
    const other = gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'other' });
    gitlab.faults.add({
      operation: 'rotate',
      at: 'after',
      effect: {
        kind: 'answer',
        answer: {
          status: 200,
          body: JSON.stringify({ id: other.id, user_id: other.userId, token: 'other' }),
        },
      },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { tokenId: String(other.id), userId: String(other.userId), expectedUserId: '1' },
    });

    expect(gitlab.rotateRequests).toHaveLength(1);
    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING')).toContain('other');
    await rig.run('createSecret');
    const tested = await rig.run('testSecret').catch((error: unknown) => error);
    expect(tested).toEqual(
      refusedBy === 'nobody'
        ? undefined
        : expect.objectContaining({
            code: 'PENDING_TOKEN_REJECTED',
            details: expect.objectContaining({ tokenId: String(other.id), expectedTokenId: '1' }),
          }),
    );
  });
});

describe('when nothing may be changed', () => {
  it('refuses a token without the scope', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SCOPE_MISSING',
      details: { scopes: ['read_api'], tokenId: String(rig.firstTokenId) },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('does not begin what it has no time to end', async () => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 34_000;

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'NOT_ENOUGH_TIME',
      details: { remainingMs: 34_000, neededMs: 35_000 },
    });

    expect(rig.gitlab.isAlive('first')).toBe(true);
    expect(rig.secretsManager.calls.map(({ operation }) => operation)).not.toContain(
      'PutSecretValue',
    );
  });

  it.each([
    ['the permission', accessDenied('secretsmanager:PutSecretValue')],
    ['the key', kmsDenied()],
  ])('finds out before it rotates that %s to write is missing', async (_what, answer) => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: 'PutSecretValue',
      at: 'before',
      effect: { kind: 'answer', answer },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STORE_DENIED' });

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.gitlab.isAlive('first')).toBe(true);
  });

  it('does not begin when it may not read the current value', async () => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      nth: 2,
      effect: { kind: 'answer', answer: kmsDenied() },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STORE_DENIED' });

    expect(rig.gitlab.calls).toEqual([]);
  });

  it('refuses a secret that it cannot read, without a word to GitLab', async () => {
    await using rig = await startRig({ secretString: () => '{"token":"first"' });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });

    expect(rig.gitlab.calls).toEqual([]);
  });
});

describe('when the current token is dead', () => {
  it.each([
    ['revoked', (rig: Rig) => rig.gitlab.revoke(rig.firstTokenId)],
    ['expired', (rig: Rig) => rig.clock.advance(40 * 86_400_000)],
  ])('stops without presenting a token that is %s to the rotate endpoint', async (reason, kill) => {
    await using rig = await startRig();
    kill(rig);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason, status: 401 },
    });

    expect(rig.gitlab.calls.map(({ operation }) => operation)).toEqual(['probe']);
  });

  it('says so of a token that GitLab has never seen', async () => {
    await using rig = await startRig({ secretString: () => 'mistyped' });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'unknown' },
    });
  });

  it('waits for a value that an earlier run stored and that is not visible yet', async () => {
    await using rig = await startRig();
    await rig.run('createSecret');
    rig.secretsManager.staleReads({ operation: 'GetSecretValue', times: 4 });

    await rig.run('createSecret');

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.gitlab.isAlive('successor-1')).toBe(true);
    expect(rig.log.at(-1)?.message).toBe('another run has stored a value for this version');
  });

  it('goes on with a newer current value that was not visible yet', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);
    await putSecond(rig);
    rig.secretsManager.staleReads({ operation: 'GetSecretValue', times: 2 });

    await rig.run('createSecret');

    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING')).toBe('successor-1');
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('keeps to that when the secret can no longer be read', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      nth: 3,
      times: 100,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(rig.clock.pauses).toEqual([250, 500, 1000, 2000, 4000, 4000, 250]);
  });

  it('lets no read take the time that the alert needs', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);
    const timeouts: unknown[] = [];
    const { readPending } = rig.deps.secrets;
    rig.deps.secrets.readPending = (request, timeoutMs) => {
      timeouts.push(timeoutMs);
      return readPending.call(rig.deps.secrets, request, timeoutMs);
    };
    rig.clock.whileAsleep = () => rig.clock.advance(54_000);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(timeouts).toEqual([10_000, 5_000, 3_750]);
  });
});

describe('when Secrets Manager hangs after GitLab rotated and the answer was lost', () => {
  it('tells of the loss while there is time', async () => {
    await using rig = await startRig();
    const get = { operation: 'GetSecretValue', at: 'before', nth: 3, times: 100 } as const;
    rig.secretsManager.faults.add({ ...get, effect: { kind: 'hang' } });
    rig.gitlab.faults.add({
      operation: 'rotate',
      at: 'after',
      // As if GitLab had taken its time: little more than the alert needs is left.
      effect: { kind: 'run', run: () => rig.clock.advance(57_900) },
    });
    rig.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });
  });
});

describe('when two runs rotate at once', () => {
  it('keeps the successor that was stored first and revokes the orphan', async () => {
    await using rig = await startRig();
    const hold = rig.gitlab.hold('before-commit', 2);

    const runs = [rig.run('createSecret'), rig.run('createSecret')];
    await hold.arrived;
    hold.release();
    await Promise.all(runs);

    const stored = rig.value('AWSPENDING');
    expect(livingTokenIds(rig).map(String)).toEqual([stored?.tokenId]);
    expect(rig.gitlab.isAlive(stored?.token ?? '')).toBe(true);
  });

  it('leaves the successor to the run that GitLab served first', async () => {
    await using rig = await startRig();
    const hold = rig.gitlab.hold('after-authentication', 1);
    const late = rig.run('createSecret');
    await hold.arrived;
    await rig.run('createSecret');

    hold.release();
    await late;

    expect(rig.gitlab.rotateRequests.map(({ status }) => status)).toEqual([400, 200]);
    expect(rig.gitlab.isAlive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
  });
});

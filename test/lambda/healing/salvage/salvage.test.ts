import { describe, expect, it } from 'vitest';
import { areActive, startAlternatingRig } from '../../../rig/function/alternating-rig.ts';
import { putSecond, type Rig, startRig } from '../../../rig/function/rig.ts';
import { dropPending, putPending } from '../../../rig/function/test-secret-rig.ts';
import { beginAnew, putLater } from './salvage-rig.ts';

/** Rotates, and gives the rotation up: the only active token is in a version without a label. */
async function abandoned<T extends Rig>(rig: T): Promise<T> {
  rig.clock.advance(60_000);
  await rig.run('createSecret');
  await dropPending(rig);
  rig.clock.advance(60_000);
  return rig;
}

async function rotated<T extends Rig>(rig: T): Promise<T> {
  await rig.run('createSecret');
  await rig.run('finishSecret');
  return rig;
}

/** Adds a token of the project by hand. */
function create({ gitlab, project: resource }: Rig, value: string): number {
  return gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value }).id;
}

describe('an active successor that the secret still has', () => {
  it('is stored again after a rotation that was given up, and somebody is told', async () => {
    await using rig = await abandoned(await startRig());
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-1',
      tokenId: '2',
      projectId: rig.project.id,
    });
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.notices).toStrictEqual([
      {
        code: 'HEALED',
        details: { recoveredBy: 'salvage', salvageVersionId: rig.request.versionId, tokenId: '2' },
      },
    ]);
    expect(rig.log).toContainEqual({
      message: 'the rotation is healed',
      details: rig.notices[0]?.details,
    });
  });

  it('becomes current in the rotation that found it', async () => {
    await using rig = await abandoned(await startRig());
    const request = await beginAnew(rig);

    for (const step of ['createSecret', 'testSecret', 'finishSecret'] as const) {
      await rig.run(step, request);
    }

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
  });

  it.each([
    ['as it was', (first: string) => first],
    ['as plain text', () => 'first'],
  ])('is found when somebody puts the dead token over it, %s', async (_how, again) => {
    await using rig = await rotated(await startRig());
    const previous = rig.secretsManager.valueOf(rig.secretId, 'AWSPREVIOUS') ?? '';
    await putLater(rig, again(previous));
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING')).toContain('successor-1');
    expect(rig.notices).toMatchObject([{ details: { recoveredBy: 'salvage' } }]);
  });

  it('is the newest of those that live', async () => {
    await using rig = await startRig();
    for (const value of ['older', 'newer', 'dead']) {
      create(rig, value);
      await putLater(rig, value, value.toUpperCase());
    }
    rig.gitlab.revoke(4);
    rig.gitlab.revoke(rig.firstTokenId);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toMatchObject({ token: 'newer', tokenId: '3' });
  });

  it('is found between values that are malformed, or binary', async () => {
    await using rig = await startRig();
    create(rig, 'active');
    await putLater(rig, 'active', 'ACTIVE');
    await putLater(rig, '{"token":', 'MALFORMED');
    await putLater(rig, new Uint8Array([1, 2]), 'BINARY');
    rig.gitlab.revoke(rig.firstTokenId);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('active');
  });

  it('is found for a standby, while the current token stays as it is', async () => {
    await using rig = await abandoned(await startAlternatingRig());
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.value('AWSPENDING')).toMatchObject({
      token: 'successor-1',
      tokenId: '3',
      standby: { token: 'first', tokenId: '1' },
    });
    expect(areActive(rig, 'first', 'successor-1')).toEqual({ first: true, 'successor-1': true });
    expect(rig.notices).toMatchObject([{ code: 'HEALED', details: { recoveredBy: 'salvage' } }]);
  });
});

describe('an active successor that is found while another run stores a value', () => {
  /** Another run stores this for the version right before ours. */
  async function startTaken(value: string) {
    const rig = await abandoned(await startRig());
    const request = await beginAnew(rig);
    rig.services.secrets.storePending = async () => {
      await putPending({ ...rig, request }, value);
      return 'taken';
    };
    return { rig, request, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
  }

  it('is left where it is, and nothing is told as healed', async () => {
    await using started = await startTaken('{"token":"successor-1"}');
    const { rig, request } = started;

    await rig.run('createSecret', request);

    expect(rig.gitlab.isActive('successor-1')).toBe(true);
    expect(rig.notices).toEqual([]);
    expect(rig.log.at(-1)).toStrictEqual({
      message: 'another run has stored the successor, and it is active',
      details: { tokenId: '2' },
    });
  });

  it('does not end well where GitLab does not accept that value', async () => {
    await using started = await startTaken('{"token":"mistyped"}');
    const { rig, request } = started;

    await expect(rig.run('createSecret', request)).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'unknown' },
    });
  });
});

describe('an active token that somebody puts while the successor is looked for', () => {
  it('is no successor: what was lost is told', async () => {
    await using rig = await startRig();
    rig.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });
    let hasPut = false;
    rig.clock.whileAsleep = async () => {
      if (!hasPut) {
        hasPut = true;
        await putSecond(rig);
      }
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSCURRENT')).toBe('second');
    expect(rig.notices).toEqual([]);
  });
});

describe('an active successor of a standby', () => {
  it('is found when somebody puts the former pair over it', async () => {
    await using rig = await rotated(await startAlternatingRig());
    await putLater(rig, rig.secretsManager.valueOf(rig.secretId, 'AWSPREVIOUS') ?? '');
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.value('AWSPENDING')).toMatchObject({
      token: 'successor-1',
      standby: { token: 'first' },
    });
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('is never the current token, from a time when the secret had no standby', async () => {
    await using rig = await startAlternatingRig();
    const pair = rig.secretsManager.valueOf(rig.secretId, 'AWSCURRENT') ?? '';
    const { standby: _, ...single } = JSON.parse(pair) as Record<string, unknown>;
    await dropPending(rig);
    await putLater(rig, JSON.stringify(single));
    await putLater(rig, pair);
    rig.gitlab.revoke(rig.standbyTokenId);
    const request = await beginAnew(rig);

    await expect(rig.run('createSecret', request)).rejects.toMatchObject({ code: 'STANDBY_DEAD' });

    expect(rig.value('AWSPENDING')).toBeUndefined();
    expect(rig.notices).toEqual([]);
  });
});

describe('an active token that somebody replaced', () => {
  it('is not brought back when what replaced it dies', async () => {
    await using rig = await startRig({ secretString: () => 'older' });
    create(rig, 'older');
    await putLater(rig, 'first');
    rig.gitlab.revoke(rig.firstTokenId);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
    });

    expect(rig.gitlab.isActive('older')).toBe(true);
    expect(rig.notices).toEqual([]);
  });

  it('is not brought back although its version states its id, as a rotation does', async () => {
    const value = (token: string, tokenId: number) =>
      JSON.stringify({ token, tokenId: String(tokenId) });
    await using rig = await startRig({ secretString: () => value('older', 2) });
    create(rig, 'older');
    await putLater(rig, value('first', rig.firstTokenId));
    rig.gitlab.revoke(rig.firstTokenId);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(rig.gitlab.isActive('older')).toBe(true);
    expect(rig.notices).toEqual([]);
  });

  it('is not brought back when somebody put it between two times the dead one', async () => {
    await using rig = await startRig();
    create(rig, 'between');
    await putLater(rig, 'between');
    await putLater(rig, 'first');
    rig.gitlab.revoke(rig.firstTokenId);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
    });

    expect(rig.notices).toEqual([]);
  });

  it('is not brought back when the standby dies that stood beside both', async () => {
    await using rig = await startAlternatingRig();
    await dropPending(rig);
    create(rig, 'clean');
    await putLater(rig, '{"token":"clean","standby":{"token":"standby"}}');
    rig.gitlab.revoke(rig.standbyTokenId);
    const request = await beginAnew(rig);

    await expect(rig.run('createSecret', request)).rejects.toMatchObject({ code: 'STANDBY_DEAD' });

    expect(areActive(rig, 'first', 'clean')).toEqual({ first: true, clean: true });
    expect(rig.value('AWSPENDING')).toBeUndefined();
    expect(rig.notices).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { rateLimited } from '../../../../infra/local/gitlab/api/fault-answers.ts';
import type { RotateOutcome } from '../../../../lambda/ports/access-tokens.ts';
import { areActive } from '../../../rig/function/alternating-rig.ts';
import { activeIds, type RecoveryCredential } from '../../../rig/function/recovery-rig.ts';
import type { Rig } from '../../../rig/function/rig.ts';
import { dayIn } from '../../../rig/function/test-secret-rig.ts';
import { byId, requestsById, startLosing } from './losing-rig.ts';

/** Lets GitLab be asked no more than the outcomes say, then for real. Returns how long each request may take. */
function answering(
  { administered }: RecoveryCredential,
  ...outcomes: readonly RotateOutcome[]
): number[] {
  const { rotateById } = administered;
  const scripted = [...outcomes];
  const timeouts: number[] = [];
  administered.rotateById = async (...request) => {
    timeouts.push(request[4]);
    return scripted.shift() ?? rotateById.apply(administered, request);
  };
  return timeouts;
}

describe('when the answer to the recovery is lost too', () => {
  it('rotates the successor of the successor, so that one token lives in the end', async () => {
    await using rig = await startLosing();
    rig.gitlab.faults.add({ ...byId, at: 'after', effect: { kind: 'reset' } });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-3');
    expect(activeIds(rig, rig.credential).map(String)).toEqual([rig.value('AWSPENDING')?.tokenId]);
    expect(rig.gitlab.isActive('successor-3')).toBe(true);
  });

  it('asks for no token twice, since GitLab may still be at it', async () => {
    await using rig = await startLosing();
    rig.gitlab.faults.add({ ...byId, effect: { kind: 'reset' } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_LOST',
      details: { recovery: 'not-enough-time' },
    });

    expect(requestsById(rig)).toHaveLength(1);
    await rig.run('createSecret');
    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(activeIds(rig, rig.credential).map(String)).toEqual([rig.value('AWSPENDING')?.tokenId]);
  });
});

describe("when the answer to the recovery holds another user's token", () => {
  it('stores nothing of it, and does not ask again in this run', async () => {
    await using rig = await startLosing();
    const successor = { token: 'other', tokenId: '9', userId: '9' };
    answering(rig.credential, { kind: 'rotated', successor, status: 200 });
    const expectedUserId = String(rig.gitlab.tokens.at(0)?.userId);
    const users = { status: 200, userId: '9', expectedUserId };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_LOST',
      details: { recovery: 'confused', ...users },
    });
    expect(rig.log).toContainEqual({
      message: 'GitLab answered the rotation by id with the token of another user',
      details: users,
    });

    expect(requestsById(rig)).toEqual([]);
    expect(rig.value('AWSPENDING')).toBeUndefined();
  });
});

describe('when GitLab allows only a date on which the new token would be expired at once', () => {
  it('does not ask for it: the active one would be revoked too', async () => {
    await using rig = await startLosing();
    const latest = dayIn(rig, 0);
    const timeouts = answering(rig.credential, { kind: 'date-too-far', latest, status: 400 });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: {
        recovery: 'refused',
        recoveryRefusal: 'request-invalid',
        status: 400,
        expiresAt: dayIn(rig, 90),
      },
    });

    expect(timeouts).toHaveLength(1);
    expect(requestsById(rig)).toEqual([]);
    expect(areActive(rig, 'successor-1')).toEqual({ 'successor-1': true });
  });
});

describe('when GitLab did nothing', () => {
  it('asks for the earliest date that it allows', async () => {
    await using rig = await startLosing({ settings: { lifetimeDays: 400 } });
    rig.gitlab.settings.maxDays = 400;
    const run = () => {
      rig.gitlab.settings.maxDays = 365;
    };
    rig.gitlab.faults.add({ operation: 'listTokens', at: 'after', effect: { kind: 'run', run } });

    await rig.run('createSecret');

    expect(requestsById(rig).map(({ status }) => status)).toEqual([400, 200]);
    expect(rig.gitlab.tokens.at(-1)?.expiresAt).toBe(dayIn(rig, 365));
  });

  it('waits as long as it asks, and asks again', async () => {
    await using rig = await startLosing();
    rig.gitlab.faults.add({ ...byId, effect: { kind: 'answer', answer: rateLimited(7) } });

    await rig.run('createSecret');

    expect(rig.clock.pauses).toContain(7_000);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
  });

  it('asks again when the request was not sent', async () => {
    await using rig = await startLosing();
    const timeouts = answering(rig.credential, { kind: 'not-sent', reason: 'ECONNREFUSED' });

    await rig.run('createSecret');

    expect(timeouts).toHaveLength(2);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(rig.log).toContainEqual({
      message: 'rotating the lost successor by its id',
      details: { tokenId: '3' },
    });
  });

  it('stops when the credential dies, and presents it no more', async () => {
    await using rig = await startLosing();
    const run = () => rig.gitlab.revoke(rig.credential.tokenId);
    rig.gitlab.faults.add({ operation: 'listTokens', at: 'after', effect: { kind: 'run', run } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: { recovery: 'dead', recoveryReason: 'revoked', status: 401 },
    });

    expect(requestsById(rig)).toHaveLength(1);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });
});

describe('the time of a recovery', () => {
  /** Lets so much of the invocation be left when the tokens are listed. */
  function leaving(rig: Rig, leftMs: number): void {
    const { deadline } = rig.clock;
    rig.clock.deadline = () => {
      const whole = deadline.call(rig.clock);
      const run = () => rig.clock.advance(whole.remainingMs() - leftMs);
      const effect = { kind: 'run', run } as const;
      rig.gitlab.faults.add({ operation: 'listTokens', at: 'before', effect });
      return whole;
    };
  }

  it.each([
    [40_000, 30_000],
    [20_000, 15_000],
    [12_000, 7_000],
  ])('with %i ms left gives GitLab %i ms, the rest is for the store', async (leftMs, allowed) => {
    await using rig = await startLosing();
    const timeouts = answering(rig.credential);
    leaving(rig, leftMs);

    await rig.run('createSecret');

    expect(timeouts).toEqual([allowed]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
  });

  it('asks nothing where the time is up already', async () => {
    await using rig = await startLosing();
    const run = () => rig.clock.advance(40_000);
    rig.gitlab.faults.add({ operation: 'rotate', at: 'before', effect: { kind: 'run', run } });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_LOST',
      details: { recovery: 'not-enough-time' },
    });

    expect(rig.gitlab.calls.map(({ operation }) => operation)).not.toContain('listTokens');
  });

  it('does not begin what it could not store', async () => {
    await using rig = await startLosing();
    leaving(rig, 11_999);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_LOST',
      details: { recovery: 'not-enough-time' },
    });

    expect(requestsById(rig)).toEqual([]);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it.each([
    [30_000, 5_000],
    [7_000, 2_000],
    [4_000, 0],
  ])('with %i ms left gives a look %i ms, the rest is for the alert', async (leftMs, allowed) => {
    await using rig = await startLosing();
    rig.gitlab.revoke(rig.firstTokenId);
    const { deadline } = rig.clock;
    const { tokens } = rig.services;
    const { probe } = tokens;
    rig.clock.deadline = () => {
      const whole = deadline.call(rig.clock);
      tokens.probe = (token, timeoutMs) => {
        rig.clock.advance(token === 'recovery' ? whole.remainingMs() - leftMs : 0);
        return probe.call(tokens, token, timeoutMs);
      };
      return whole;
    };
    const timeouts: number[] = [];
    rig.credential.administered.find = async (_credential, _resource, _tokenId, timeoutMs) => {
      timeouts.push(timeoutMs);
      return { kind: 'unreachable', reason: 'TIMEOUT' };
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: { recovery: 'unreachable' },
    });

    expect(timeouts.at(0)).toBe(allowed);
  });
});

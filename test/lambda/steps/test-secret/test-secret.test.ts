import { describe, expect, it } from 'vitest';
import { badGateway } from '../../../../infra/local/gitlab/api/fault-answers.ts';
import {
  accessDenied,
  internalError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import {
  currentVersionId,
  dropPending,
  failToReadCurrent,
  putPending,
  startRotated,
} from '../../../rig/function/test-secret-rig.ts';

function calls({ secretsManager, gitlab }: Rig): string[] {
  return [...secretsManager.calls, ...gitlab.calls].map(({ operation }) => operation);
}

describe('testSecret in a rotation', () => {
  it('accepts the successor with no more calls than it needs, and writes nothing', async () => {
    await using rig = await startRotated();
    const before = calls(rig).length;

    await rig.run('testSecret');

    const made = calls(rig).slice(before);
    expect(rig.gitlab.calls.at(-1)?.operation).toBe('probe');
    expect(made).toHaveLength(3);
    expect(rig.notices).toEqual([]);
  });

  it('goes on with a token that cannot rotate itself: the watch finds it', async () => {
    await using rig = await startRig();
    rig.gitlab.createAccessToken({
      resource: rig.project,
      scopes: ['read_api'],
      value: 'other',
    });
    await putPending(rig, 'other');

    await rig.run('testSecret');

    expect(rig.notices).toEqual([]);
  });

  /** All reads but the first, which is that of the version itself. */
  function refuseReads({ secretsManager }: Rig, answer: Answer) {
    const get = { operation: 'GetSecretValue', at: 'before', nth: 2, times: 1000 } as const;
    secretsManager.faults.add({ ...get, effect: { kind: 'answer', answer } });
  }

  it.each([
    ['is refused', accessDenied('secretsmanager:GetSecretValue')],
    ['gets no answer', internalError()],
  ])('goes on without waiting where the read of the current value %s', async (_, answer) => {
    await using rig = await startRotated();
    refuseReads(rig, answer);

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([]);
  });

  it.each([
    ['DescribeSecret fails', 30, 'DescribeSecret'],
    ['the new token expires before its next rotation', 20, undefined],
  ])(
    'waits no longer than for one read of the current value where %s',
    async (_, lifetimeDays, operation) => {
      await using rig = await startRotated({ settings: { lifetimeDays } });
      const answer = { kind: 'answer', answer: internalError() } as const;
      failToReadCurrent(rig);
      if (operation !== undefined) {
        rig.secretsManager.faults.add({ operation, at: 'before', times: 1000, effect: answer });
      }

      await rig.run('testSecret');

      expect(rig.clock.pauses).toEqual([]);
      expect(rig.log.map(({ message }) => message)).toContain(
        'not judged, or not ready for its next rotation',
      );
    },
  );

  it('goes on after an error that nobody foresaw in what only the dry run needs', async () => {
    await using rig = await startRotated();
    failToReadCurrent(rig);
    rig.services.secrets.describe = () => Promise.reject(new TypeError('unforeseen'));

    await rig.run('testSecret');

    expect(rig.log.at(-1)).toEqual({
      message: 'not judged, or not ready for its next rotation',
      details: { code: 'UNEXPECTED' },
    });
  });

  it('keeps to what it has read where it cannot read again', async () => {
    await using rig = await startRig();
    const { project: resource } = rig;
    rig.gitlab.createAccessToken({ resource, scopes: ['read_api'], value: 'other' });
    await putPending(rig, 'other');
    const get = { operation: 'GetSecretValue', at: 'before', nth: 3, times: 1000 } as const;
    rig.secretsManager.faults.add({ ...get, effect: { kind: 'answer', answer: internalError() } });

    await rig.run('testSecret');

    expect(rig.clock.pauses.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(12_000);
  });

  it('rejects a dead token also where the current value cannot be read', async () => {
    await using rig = await startRotated();
    rig.gitlab.revoke(rig.gitlab.tokens.at(-1)?.id ?? 0);
    refuseReads(rig, internalError());

    await expect(rig.run('testSecret')).rejects.toMatchObject({ code: 'PENDING_TOKEN_REJECTED' });
  });

  it('takes a version that another run has just made current for no dry run', async () => {
    await using rig = await startRotated({ settings: { lifetimeDays: 20 } });
    const { probe } = rig.services.tokens;
    rig.services.tokens.probe = async (...asked) => {
      rig.services.tokens.probe = probe;
      await rig.run('finishSecret');
      return probe.call(rig.services.tokens, ...asked);
    };
    const { readCurrent } = rig.services.secrets;
    rig.services.secrets.readCurrent = async (...asked) => {
      await expect.poll(() => rig.value('AWSCURRENT')?.tokenId).toBe('2');
      return readCurrent.call(rig.services.secrets, ...asked);
    };

    await rig.run('testSecret');
  });

  it('is content when the version is current already', async () => {
    await using rig = await startRotated();
    await rig.run('finishSecret');
    await dropPending(rig);
    await rig.run('testSecret');

    expect(rig.log.map(({ message }) => message)).toContain('the version is current already');
    expect(rig.notices).toEqual([]);
  });

  it('tells that the token of such a version was revoked since', async () => {
    await using rig = await startRotated();
    await rig.run('finishSecret');
    rig.gitlab.revoke(Number(rig.value('AWSCURRENT')?.tokenId));

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'revoked', status: 401 },
    });
  });

  it('does not fail a rotation that is through where GitLab does not answer', async () => {
    await using rig = await startRotated();
    await rig.run('finishSecret');
    await rig.gitlab.pause();

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([]);
  });

  it('waits for a value that is not visible yet', async () => {
    await using rig = await startRotated();
    rig.secretsManager.staleReads({ operation: 'GetSecretValue', times: 3 });

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([250, 500, 1000]);
  });

  it('goes on after a moment in which Secrets Manager is unavailable', async () => {
    await using rig = await startRotated();
    // More often than the SDK tries.
    const effect = { kind: 'answer', answer: internalError() } as const;
    rig.secretsManager.faults.add({ operation: 'GetSecretValue', at: 'before', times: 4, effect });

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([250]);
  });

  it('asks again when GitLab fails for a moment', async () => {
    await using rig = await startRotated();
    const probe = { operation: 'probe', at: 'before', times: 2 } as const;
    rig.gitlab.faults.add({ ...probe, effect: { kind: 'answer', answer: badGateway() } });

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([250, 500]);
  });

  it('rejects a dead token and names the version that consumers read', async () => {
    await using rig = await startRotated();
    rig.gitlab.revoke(rig.gitlab.tokens.at(-1)?.id ?? 0);

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'revoked', currentVersionId: currentVersionId(rig) },
    });
  });

  it('rejects an active token that is another than the secret says', async () => {
    await using rig = await startRig();
    const other = rig.gitlab.createAccessToken({
      resource: rig.project,
      scopes: ['self_rotate'],
      value: 'other',
    });
    await putPending(rig, '{"token":"other","tokenId":"12345"}');

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { tokenId: String(other.id), expectedTokenId: '12345' },
      statedRisk: 'none',
    });
  });

  it.each([
    [60_000, 5_000],
    [6_000, 4_000],
  ])('with %i ms left reads for %i ms at most what else there is to tell', async (left, most) => {
    await using rig = await startRotated();
    rig.gitlab.revoke(rig.gitlab.tokens.at(-1)?.id ?? 0);
    rig.clock.timeoutMs = left;
    const timeouts: unknown[] = [];
    const { readCurrent } = rig.services.secrets;
    rig.services.secrets.readCurrent = (secretId, timeoutMs) => {
      timeouts.push(timeoutMs);
      return readCurrent.call(rig.services.secrets, secretId, timeoutMs);
    };

    await expect(rig.run('testSecret')).rejects.toMatchObject({ code: 'PENDING_TOKEN_REJECTED' });

    // The first read finds out whether this is the dry run.
    expect(timeouts.at(-1)).toBe(most);
  });

  it('tells what failed although it cannot read what else there is to tell', async () => {
    await using rig = await startRotated();
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      times: 100,
      effect: { kind: 'answer', answer: internalError() },
    });

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: expect.not.objectContaining({ currentVersionId: expect.anything() }),
    });
  });

  it('passes on what is no failure of the list', async () => {
    await using rig = await startRotated();
    rig.services.tokens.probe = () => Promise.reject(new TypeError('unforeseen'));

    await expect(rig.run('testSecret')).rejects.toThrow('unforeseen');
  });
});

import { describe, expect, it, vi } from 'vitest';
import type { Probe } from '../../../../lambda/ports/access-tokens.ts';
import {
  type AlternatingRig,
  failureOf,
  startAlternatingRig,
} from '../../../rig/function/alternating-rig.ts';
import { putSecond } from '../../../rig/function/rig.ts';
import { onRotate } from '../../../rig/function/rotate-faults.ts';
import { putPending } from '../../../rig/function/test-secret-rig.ts';
import { createLate, STEPS } from '../late-request.ts';

const SILENT: Probe = { kind: 'unreachable', reason: 'TIMEOUT' };

/** GitLab says nothing of this token any more. */
function silence({ services: { tokens } }: AlternatingRig, token: string): void {
  const ask = tokens.probe.bind(tokens);
  tokens.probe = async (asked, timeoutMs) => (asked === token ? SILENT : ask(asked, timeoutMs));
}

/** Another run stores this token, and makes it current, before ours is stored. GitLab revokes it at once. */
function beTakenByDead(rig: AlternatingRig): void {
  const { gitlab, project: resource, services } = rig;
  const { storePending } = services.secrets;
  services.secrets.storePending = async (...put) => {
    const scopes = ['self_rotate'];
    const { id } = gitlab.createAccessToken({ resource, scopes, value: 'another' });
    await putPending(rig, '{"token":"another","standby":{"token":"first"}}');
    await rig.run('finishSecret');
    gitlab.revoke(id);
    return storePending.apply(services.secrets, put);
  };
}

describe('with two tokens, whether consumers have an active one', () => {
  it('is known where this run presented no revoked token: nobody is asked again', async () => {
    await using rig = await startAlternatingRig();
    const probe = vi.spyOn(rig.services.tokens, 'probe');
    const answer = { status: 404, body: '{"message":"404 Project Not Found"}' };
    onRotate(rig, 'before', { kind: 'answer', answer });

    expect(await failureOf(rig.run('createSecret'))).toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { currentActive: true },
    });

    expect(probe.mock.calls.filter(([token]) => token === 'first')).toHaveLength(1);
  });

  it.each([
    // Two probes must agree.
    ['they do', putSecond, 'STANDBY_DEAD', 2],
    ['they do not', (rig: AlternatingRig) => rig.gitlab.revoke(1), 'CURRENT_TOKEN_DEAD', 1],
  ] as const)(
    'is not asked again where the failure says it: %s',
    async (_, befall, code, looks) => {
      await using rig = await startAlternatingRig();
      const look = vi.spyOn(rig.services.secrets, 'describe');
      const afterwards = async () => {
        await befall(rig);
        look.mockClear();
      };

      expect(await createLate(rig, STEPS, { afterwards })).toMatchObject({ code });

      expect(look).toHaveBeenCalledTimes(looks);
    },
  );
});

describe('with two tokens, consumers get theirs back', () => {
  const givenBack = [{ code: 'HEALED', details: { recoveredBy: 'given-back' } }];

  it('where the outcome is unknown, and GitLab has revoked what they have', async () => {
    await using rig = await startAlternatingRig();
    rig.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });

    const failure = await createLate(rig, STEPS, { afterwards: () => silence(rig, 'standby') });

    expect(failure).toMatchObject({
      code: 'ROTATION_OUTCOME_UNKNOWN',
      details: { currentActive: true },
    });
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    expect(rig.notices).toMatchObject(givenBack);
  });

  it('where another run was first to store, and GitLab has revoked what they have', async () => {
    await using rig = await startAlternatingRig();
    beTakenByDead(rig);

    expect(await failureOf(rig.run('createSecret'))).toMatchObject({
      code: 'STANDBY_LOST',
      details: { takenByDead: true, currentActive: true },
    });

    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    expect(rig.notices).toMatchObject(givenBack);
  });
});

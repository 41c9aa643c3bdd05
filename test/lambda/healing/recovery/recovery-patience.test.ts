import { describe, expect, it } from 'vitest';
import { badGateway, rateLimited } from '../../../../infra/local/gitlab/api/fault-answers.ts';
import { internalError } from '../../../../infra/local/secrets-manager/state/errors.ts';
import type { FaultEffect } from '../../../../infra/local/server/faults.ts';
import { failureOf } from '../../../rig/function/alternating-rig.ts';
import { addRecovery, type RecoveryProps } from '../../../rig/function/recovery-rig.ts';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import { onRotate } from '../../../rig/function/rotate-faults.ts';

/** After a run that lost the answer of GitLab, so that the next one looks at GitLab for everything. */
async function startLost(props: RecoveryProps = {}) {
  const rig = await startRig();
  onRotate(rig, 'after', { kind: 'reset' });
  await failureOf(rig.run('createSecret'));
  return Object.assign(rig, { credential: await addRecovery(rig, props) });
}

/** The probe of the token in the secret comes before that of the recovery token. */
const LOOKS: readonly (readonly [operation: string, nth: number])[] = [
  ['probe', 2],
  ['getToken', 1],
  ['listTokens', 1],
];

function disturb(
  { gitlab }: Rig,
  [operation, nth]: readonly [string, number],
  ...effects: FaultEffect[]
) {
  for (const [index, effect] of effects.entries()) {
    gitlab.faults.add({ operation, at: 'before', nth: nth + index, effect });
  }
}

function countOf({ gitlab }: Rig, operation: string): number {
  return gitlab.calls.filter((call) => call.operation === operation).length;
}

describe('a recovery that gets no answer for a moment', () => {
  it.each(LOOKS)('asks GitLab again: %s', async (...look) => {
    await using rig = await startLost();
    disturb(rig, look, { kind: 'reset' }, { kind: 'answer', answer: badGateway() });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(rig.notices).toMatchObject([{ code: 'HEALED' }]);
    expect(rig.clock.pauses.slice(-2)).toEqual([250, 500]);
  });

  it.each(LOOKS)('waits as long as GitLab says: %s', async (...look) => {
    await using rig = await startLost();
    disturb(rig, look, { kind: 'answer', answer: rateLimited(7) });

    await rig.run('createSecret');

    expect(rig.clock.pauses.at(-1)).toBe(7_000);
    expect(rig.notices).toMatchObject([{ code: 'HEALED' }]);
  });

  it('reads its own secret again', async () => {
    await using rig = await startLost();
    const { secrets } = rig.services;
    const { readCurrent } = secrets;
    secrets.readCurrent = (id, timeoutMs) => {
      if (id === rig.credential.secretId) {
        secrets.readCurrent = readCurrent;
        // The SDK tries three times.
        const effect = { kind: 'answer', answer: internalError() } as const;
        rig.secretsManager.faults.add({
          operation: 'GetSecretValue',
          at: 'before',
          times: 3,
          effect,
        });
      }
      return readCurrent.call(secrets, id, timeoutMs);
    };

    await rig.run('createSecret');

    expect(rig.clock.pauses.at(-1)).toBe(250);
    expect(rig.notices).toMatchObject([{ code: 'HEALED' }]);
  });
});

describe('a recovery that gets no answer at all', () => {
  it('ends while there would be time for a rotation, and says so', async () => {
    await using rig = await startLost();
    const { administered } = rig.credential;
    const deadline = rig.clock.deadline();
    rig.clock.deadline = () => deadline;
    const left: number[] = [];
    administered.listActive = async () => {
      left.push(deadline.remainingMs());
      return { kind: 'unreachable', reason: 'ECONNRESET' };
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { recovery: 'unreachable' },
    });

    expect(left.length).toBeGreaterThan(5);
    expect(left.at(-1)).toBe(17_000);
  });

  it('ends at once when GitLab asks for more time than there is', async () => {
    await using rig = await startLost();
    disturb(rig, ['listTokens', 1], { kind: 'answer', answer: rateLimited(60) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      details: { recovery: 'unreachable', status: 429 },
    });

    expect(countOf(rig, 'listTokens')).toBe(1);
  });
});

describe('a recovery to which GitLab says no', () => {
  it.each<[string, string, RecoveryProps, string]>([
    ['without the scope api', 'probe', { scopes: ['read_api'] }, 'scope-missing'],
    ['of a Developer', 'getToken', { level: 30 }, 'refused'],
  ])('asks once: with a token %s', async (_what, operation, props, recovery) => {
    await using rig = await startLost(props);
    const before = countOf(rig, operation);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ details: { recovery } });

    expect(countOf(rig, operation) - before).toBe(operation === 'probe' ? 2 : 1);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { accessDenied } from '../../../infra/local/secrets-manager/state/errors.ts';
import { RotationError } from '../../../lambda/failure.ts';
import { ALERT_RESERVE_MS } from '../../../lambda/time/timing.ts';
import { failureOf, startAlternatingRig } from '../../rig/function/alternating-rig.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { upToFinish } from '../../rig/function/test-secret-rig.ts';

const LEFT_MS = 6_000;

/** Leaves the next invocation little time. @returns the time-outs of its calls, by the method */
function givenLateCalls({ clock, services: { secrets, tokens } }: Rig) {
  clock.timeoutMs = LEFT_MS;
  const spies = {
    describe: vi.spyOn(secrets, 'describe'),
    readVersion: vi.spyOn(secrets, 'readVersion'),
    readCurrent: vi.spyOn(secrets, 'readCurrent'),
    promote: vi.spyOn(secrets, 'promote'),
    probe: vi.spyOn(tokens, 'probe'),
  };
  return () =>
    Object.entries(spies).flatMap(([method, { mock }]) =>
      mock.calls.map((given) => ({ method, timeoutMs: Number(given.at(-1)) })),
    );
}

function tooLong(calls: ReturnType<ReturnType<typeof givenLateCalls>>) {
  return calls.filter(({ timeoutMs }) => !(timeoutMs <= LEFT_MS - ALERT_RESERVE_MS));
}

/** The next move takes all its time, and is done, but its answer is lost. The look after it is as slow. */
function loseMove({ clock, services: { secrets } }: Rig): void {
  const { promote, describe: look } = secrets;
  let isMoved = false;
  secrets.promote = async (secretId, versions, timeoutMs) => {
    await promote.call(secrets, secretId, versions, timeoutMs);
    isMoved = true;
    clock.advance(timeoutMs);
    throw new RotationError('STORE_UNAVAILABLE', 'the answer is lost');
  };
  secrets.describe = (secretId, timeoutMs) => {
    clock.advance(isMoved ? timeoutMs : 0);
    return look.call(secrets, secretId, timeoutMs);
  };
}

// An invocation may come to these calls late: probes of a GitLab that does not answer are repeated
// until little more than the reserve is left.
describe('a call near the end of an invocation leaves the alert its time', () => {
  it('when finishSecret moves the label, and asks GitLab after it', async () => {
    await using rig = await upToFinish(await startAlternatingRig());
    const calls = givenLateCalls(rig);

    await rig.run('finishSecret');

    expect(calls().filter(({ method }) => method === 'probe')).toHaveLength(2);
    expect(tooLong(calls())).toEqual([]);
  });

  it('when finishSecret looks whether a move was done', async () => {
    await using rig = await upToFinish(await startRig());
    rig.secretsManager.faults.add({
      operation: 'UpdateSecretVersionStage',
      at: 'before',
      times: 9,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:UpdateSecretVersionStage') },
    });
    const calls = givenLateCalls(rig);

    await failureOf(rig.run('finishSecret'));

    expect(calls().filter(({ method }) => method === 'promote')).not.toEqual([]);
    expect(tooLong(calls())).toEqual([]);
  });

  it('when the move takes all its time, is done, and its answer is lost', async () => {
    await using rig = await upToFinish(await startAlternatingRig());
    loseMove(rig);
    const calls = givenLateCalls(rig);

    await rig.run('finishSecret');

    expect(calls().filter(({ method }) => method === 'promote')).toHaveLength(1);
    expect(calls().findLast(({ method }) => method === 'probe')).toMatchObject({ timeoutMs: 0 });
    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
  });

  it('when testSecret finds its version current', async () => {
    await using rig = await upToFinish(await startRig());
    await rig.run('finishSecret');
    const calls = givenLateCalls(rig);

    await rig.run('testSecret');

    expect(calls().map(({ method }) => method)).toEqual(['readVersion', 'probe']);
    expect(tooLong(calls())).toEqual([]);
  });

  it('when testSecret looks for a value', async () => {
    await using rig = await startRig({ secretString: null });
    const calls = givenLateCalls(rig);

    await failureOf(rig.dryRun());

    expect(calls().filter(({ method }) => method === 'readCurrent')).not.toEqual([]);
    expect(tooLong(calls())).toEqual([]);
  });
});

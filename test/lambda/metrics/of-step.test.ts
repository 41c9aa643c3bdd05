import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
import type { StepFunction } from '../../../lambda/ports/step.ts';
import { EVENT, givenHandler, refuse } from '../handler/handler-rig.ts';

const succeed: StepFunction = async () => {};
const notice =
  (code: 'HEALED' | 'EXPIRES_TOO_SOON'): StepFunction =>
  async ({ notify }) => {
    await notify({ code, details: {} });
  };

/** The metrics and dimensions of the lines of one invocation. */
async function measuredBy(step: StepFunction, event: unknown = EVENT) {
  const { invoke, measured } = givenHandler(step);
  await invoke(event).catch(() => undefined);
  return measured.map(({ _aws, ...members }) => members);
}

const DURATION = { FunctionName: 'rotation', StepDuration: expect.any(Number) };

describe('the metrics of a step', () => {
  it.each(['createSecret', 'setSecret', 'testSecret'])(
    'are its duration alone: %s',
    async (Step) => {
      expect(await measuredBy(succeed, { ...EVENT, Step })).toEqual([{ ...DURATION, Step }]);
    },
  );

  it('count the rotation as succeeded at its end', async () => {
    const Step = 'finishSecret';

    expect(await measuredBy(succeed, { ...EVENT, Step })).toEqual([
      { ...DURATION, Step, RotationsSucceeded: 1 },
    ]);
  });

  it.each(['createSecret', 'finishSecret'])('have the code of a failure: %s', async (Step) => {
    expect(await measuredBy(refuse, { ...EVENT, Step })).toEqual([
      { ...DURATION, Step, Code: 'ROTATION_REFUSED', RotationsFailed: 1, Failures: 1 },
    ]);
  });

  it('count a failed dry run as no rotation', async () => {
    const fail: StepFunction = () =>
      Promise.reject(new RotationError('SECRET_MISSING', 'empty', { details: { dryRun: true } }));
    const Step = 'testSecret';

    expect(await measuredBy(fail, { ...EVENT, Step })).toEqual([
      { ...DURATION, Step, Code: 'SECRET_MISSING', Failures: 1 },
    ]);
  });

  it('are of no step where the event names none', async () => {
    expect(await measuredBy(succeed, {})).toEqual([
      { FunctionName: 'rotation', Code: 'EVENT_INVALID', Failures: 1 },
    ]);
  });

  it.each([
    ['HEALED', { RotationsHealed: 1 }],
    ['EXPIRES_TOO_SOON', {}],
  ] as const)('count what was healed, and no other notice: %s', async (code, counted) => {
    expect(await measuredBy(notice(code))).toEqual([
      { ...DURATION, Step: 'createSecret', ...counted },
    ]);
  });

  it('have what was healed before the failure, too', async () => {
    const fail: StepFunction = async (run) => {
      await notice('HEALED')(run);
      await refuse(run);
    };

    expect(await measuredBy(fail)).toMatchObject([{ RotationsHealed: 1, RotationsFailed: 1 }]);
  });

  it('have the time of the clock', async () => {
    const now = new Date('2030-01-10T06:00:00Z');
    const clock = { now: () => now, sleep: async () => {} };
    const { invoke, measured } = givenHandler(succeed, { clock });

    await invoke();

    expect(measured).toMatchObject([{ _aws: { Timestamp: now.getTime() } }]);
  });

  it('are written before the alert, which may take all the time', async () => {
    const happened: string[] = [];
    const { invoke } = givenHandler(refuse, {
      metrics: () => happened.push('metrics'),
      failures: { publish: async () => void happened.push('alert') },
    });

    await invoke().catch(() => undefined);

    expect(happened).toEqual(['metrics', 'alert']);
  });
});

describe('metrics that cannot be written', () => {
  const metrics = () => {
    throw new TypeError('closed');
  };

  it('leave a success as it is', async () => {
    const { invoke, log } = givenHandler(succeed, { metrics });

    await expect(invoke()).resolves.toBeUndefined();
    expect(log.lines.map(({ message }) => message)).toContain('metrics not written');
  });

  it('leave a failure and its alert as they are', async () => {
    const { invoke, published } = givenHandler(refuse, { metrics });

    await expect(invoke()).rejects.toMatchObject({ code: 'ROTATION_REFUSED' });
    expect(published).toHaveLength(1);
  });
});

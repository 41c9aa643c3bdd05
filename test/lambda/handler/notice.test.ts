import { describe, expect, it } from 'vitest';
import type { StepFunction } from '../../../lambda/ports/step.ts';
import { EVENT, givenHandler, VERSION } from './handler-rig.ts';

describe('when a step gives notice', () => {
  const notify: StepFunction = ({ notify: tell }) =>
    tell({ code: 'EXPIRES_TOO_SOON', details: { expiresAt: '2026-12-01' } });

  it('tells it like a failure, and goes on', async () => {
    const { invoke, log, published } = givenHandler(notify);

    await invoke();

    expect(published[0]?.alert.attributes).toStrictEqual({
      code: 'EXPIRES_TOO_SOON',
      risk: 'none',
      step: 'createSecret',
    });
    expect(published[0]?.alert.message).toContain(VERSION);
    expect(log.lines.at(-1)).toMatchObject({ message: 'rotation step finished' });
  });

  it.each([
    [60_000, 2_000],
    [2_000, 1_750],
  ])('with %i ms left holds the rotation up for %i ms at most', async (remainingMs, timeoutMs) => {
    const { invoke, published } = givenHandler(notify);

    await invoke(EVENT, remainingMs);

    expect(published.map((call) => call.timeoutMs)).toStrictEqual([timeoutMs]);
  });

  it('goes on where it cannot be told', async () => {
    const publish = () => Promise.reject(new TypeError('first'));
    const { invoke, log } = givenHandler(notify, { failures: { publish } });

    await invoke();

    expect(log.lines.map(({ message }) => message)).toStrictEqual([
      'rotation step started',
      'alert not published',
      'rotation step finished',
    ]);
  });
});

import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
import type { Alert } from '../../../lambda/ports/alert-publisher.ts';
import { ARN, BOUND, EVENT, givenHandler, refuse, VERSION } from './handler-rig.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('when a step fails', () => {
  it('says in the alert which function failed, and in which region', async () => {
    const { invoke, published } = givenHandler(refuse);

    await invoke().catch(() => {});

    const { email: mail = '' } = JSON.parse(published[0]?.alert.message ?? '{}');
    expect(mail).toMatch(/^functionName +rotation$/m);
    expect(mail).toMatch(/^region +eu-central-1$/m);
    expect(mail).toMatch(/^requestId +request-1$/m);
  });

  it('ends only when the alert is out, since Lambda stops the function then', async () => {
    const told: string[] = [];
    const publish = async ({ attributes }: Alert) => {
      await new Promise(setImmediate);
      told.push(attributes.code);
    };
    const { invoke } = givenHandler(refuse, { failures: { publish } });

    await invoke().catch(() => {});

    expect(told).toStrictEqual(['ROTATION_REFUSED']);
  });

  it('logs how long the step took', async () => {
    const { invoke, log } = givenHandler(refuse);
    vi.spyOn(performance, 'now').mockReturnValueOnce(1_000).mockReturnValueOnce(1_250.4);

    await invoke().catch(() => {});

    expect(log.lines.at(-1)).toMatchObject({ durationMs: 250 });
  });

  it('logs the failure once, with its risk', async () => {
    const { invoke, log } = givenHandler(refuse);

    await invoke().catch(() => {});

    expect(log.lines.filter(({ level }) => level !== 'info')).toStrictEqual([
      {
        level: 'error',
        message: 'rotation step failed',
        durationMs: expect.any(Number),
        risk: 'none',
        error: {
          name: 'RotationError',
          code: 'ROTATION_REFUSED',
          message: 'ROTATION_REFUSED: GitLab refuses',
          details: { status: 403 },
        },
        ...BOUND,
      },
    ]);
  });

  it('publishes one alert with all ids, and throws the same failure', async () => {
    const { invoke, published } = givenHandler(refuse);

    const invoked = invoke();

    await expect(invoked).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      message: 'ROTATION_REFUSED: GitLab refuses',
      details: { status: 403 },
    });
    expect(published).toHaveLength(1);
    expect(published[0]?.alert.attributes).toStrictEqual({
      code: 'ROTATION_REFUSED',
      risk: 'none',
      step: 'createSecret',
    });
    for (const id of [ARN, VERSION, 'request-1', 'rotation', 'eu-central-1']) {
      expect(published[0]?.alert.message).toContain(id);
    }
  });

  it('tells the risk of the step that failed', async () => {
    const { invoke, log, published } = givenHandler(refuse);

    await invoke({ ...EVENT, Step: 'finishSecret' }).catch(() => {});

    expect(published[0]?.alert.attributes.risk).toBe('consumers');
    expect(log.lines.at(-1)).toMatchObject({ risk: 'consumers' });
  });

  it.each([
    [60_000, 59_750],
    [2_000, 1_750],
    [100, 0],
  ])('with %i ms left spends %i ms on the alert at most', async (remainingMs, timeoutMs) => {
    const { invoke, published } = givenHandler(refuse);

    await invoke(EVENT, remainingMs).catch(() => {});

    expect(published.map((call) => call.timeoutMs)).toStrictEqual([timeoutMs]);
  });

  it('throws the failure even where it cannot be published, and logs that too', async () => {
    const publish = () => Promise.reject(new TypeError('first'));
    const { invoke, log } = givenHandler(refuse, { failures: { publish } });

    const invoked = invoke();

    await expect(invoked).rejects.toMatchObject({ code: 'ROTATION_REFUSED' });
    expect(log.lines.at(-1)).toStrictEqual({
      level: 'error',
      message: 'alert not published',
      error: { name: 'TypeError' },
      ...BOUND,
    });
  });

  it('throws the failure even where the topic is unknown, and logs that too', async () => {
    const { invoke, log } = givenHandler(refuse, { failures: undefined });

    const invoked = invoke();

    await expect(invoked).rejects.toMatchObject({ code: 'ROTATION_REFUSED' });
    expect(log.lines.at(-1)).toMatchObject({
      level: 'error',
      message: 'alert not published: FAILURE_TOPIC_ARN names no topic',
    });
  });
});

describe('when something unforeseen is thrown', () => {
  const foreign = (): Error =>
    Object.assign(new SyntaxError('"first" is not JSON', { cause: new Error('first') }), {
      request: { token: 'first' },
    });

  it('fails with UNEXPECTED, of which the log knows the names', async () => {
    const { invoke, log, published } = givenHandler(() => Promise.reject(foreign()));

    const invoked = invoke();

    await expect(invoked).rejects.toMatchObject({ code: 'UNEXPECTED' });
    expect(published[0]?.alert.attributes).toMatchObject({ code: 'UNEXPECTED', risk: 'unknown' });
    expect(log.lines.at(-1)?.['error']).toMatchObject({
      cause: { name: 'SyntaxError', cause: { name: 'Error' } },
    });
  });

  it.each<[string, unknown]>([
    ['a foreign error', foreign()],
    [
      'a failure with a foreign cause',
      new RotationError('STORE_UNAVAILABLE', 'x', { cause: foreign() }),
    ],
    ['a text', 'first'],
    ['an object', { token: 'first' }],
  ])('says nothing of %s that is not its name, however it is printed', async (_what, thrown) => {
    const { invoke, log, published } = givenHandler(() => Promise.reject(thrown));

    const failure = await invoke().catch((error: unknown) => error);

    const { stack } = failure as Error;
    expect(failure).toBeInstanceOf(RotationError);
    // As Lambda prints what leaves a handler: every enumerable member, message, and stack.
    expect(JSON.stringify([{ ...(failure as Error) }, String(failure), stack])).not.toContain(
      'first',
    );
    // As other printers do: causes, and members that are not enumerable.
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('first');
    expect(JSON.stringify([log.lines, published])).not.toContain('first');
  });
});

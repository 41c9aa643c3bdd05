import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Alert } from '../../lambda/alert.ts';
import { createHandler, type HandlerDeps, type Steps } from '../../lambda/handler.ts';
import { RotationError } from '../../lambda/rotation/failure.ts';
import type { StepFunction } from '../../lambda/rotation/ports.ts';
import { recordingLog } from './recording-log.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:app/token-AbC123';
const VERSION = '6f2b8a1e-52a5-4bd3-9f64-0d4a30f1a1c1';
const ROTATION_TOKEN = 'rotation-token-'.repeat(3);
const EVENT = {
  Step: 'createSecret',
  SecretId: ARN,
  ClientRequestToken: VERSION,
  RotationToken: ROTATION_TOKEN,
};
const BOUND = { step: 'createSecret', secret: 'app/token', versionId: VERSION };

afterEach(() => {
  vi.restoreAllMocks();
});

interface Published {
  readonly alert: Alert;
  readonly timeoutMs: number;
}

/** A handler whose every step is `step`, with what it logs and tells. */
function givenHandler(step: StepFunction, overrides: Partial<HandlerDeps> = {}) {
  const log = recordingLog();
  const published: Published[] = [];
  const steps: Steps = {
    createSecret: step,
    setSecret: step,
    testSecret: step,
    finishSecret: step,
  };
  const failures = {
    publish: async (alert: Alert, timeoutMs: number) => {
      published.push({ alert, timeoutMs });
    },
  };
  const handle = createHandler({ steps, failures, log, ...overrides });
  const invoke = (event: unknown = EVENT, remainingMs = 60_000) =>
    handle(event, {
      awsRequestId: 'request-1',
      functionName: 'rotation',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:rotation',
      getRemainingTimeInMillis: () => remainingMs,
    });
  return { invoke, log, published };
}

const refuse: StepFunction = () =>
  Promise.reject(
    new RotationError('ROTATION_REFUSED', 'GitLab refuses', { details: { status: 403 } }),
  );

describe('when a step succeeds', () => {
  it('gives the step its request, its deadline and a log bound to its ids', async () => {
    const given: unknown[] = [];
    const { invoke, log } = givenHandler(async (request, { deadline, log: stepLog }) => {
      given.push(request, deadline.remainingMs());
      stepLog.info('in the step');
    });

    await invoke(EVENT, 1_234);

    expect(given).toStrictEqual([
      { secretId: ARN, versionId: VERSION, rotationToken: ROTATION_TOKEN },
      1_234,
    ]);
    expect(log.lines).toStrictEqual([
      { level: 'info', message: 'rotation step started', ...BOUND },
      { level: 'info', message: 'in the step', ...BOUND },
      {
        level: 'info',
        message: 'rotation step finished',
        durationMs: expect.any(Number),
        ...BOUND,
      },
    ]);
  });

  it('runs the step that the event names', async () => {
    const ran: string[] = [];
    const steps: Steps = {
      createSecret: async () => void ran.push('createSecret'),
      setSecret: async () => void ran.push('setSecret'),
      testSecret: async () => void ran.push('testSecret'),
      finishSecret: async () => void ran.push('finishSecret'),
    };
    const { invoke } = givenHandler(refuse, { steps });

    await invoke({ ...EVENT, Step: 'testSecret' });
    await invoke({ ...EVENT, Step: 'finishSecret' });
    await invoke({ ...EVENT, Step: 'createSecret' });
    await invoke({ ...EVENT, Step: 'setSecret' });

    expect(ran).toStrictEqual(['testSecret', 'finishSecret', 'createSecret', 'setSecret']);
  });

  it('publishes nothing', async () => {
    const { invoke, published } = givenHandler(async () => {});

    await invoke();

    expect(published).toStrictEqual([]);
  });
});

describe('when a step fails', () => {
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

describe('when the event cannot be read', () => {
  it('fails with EVENT_INVALID, and tells it', async () => {
    const { invoke, log, published } = givenHandler(async () => {});

    const invoked = invoke({ ...EVENT, Step: 'rotate' });

    await expect(invoked).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    expect(published).toHaveLength(1);
    expect(published[0]?.alert.attributes).toMatchObject({ code: 'EVENT_INVALID', risk: 'none' });
    expect(published[0]?.alert.message).toContain('request-1');
    expect(published[0]?.alert.message).toContain('eu-central-1');
    expect(log.lines).toMatchObject([{ level: 'error', message: 'rotation step failed' }]);
  });
});

describe('when the function could not be built', () => {
  const steps = new RotationError('CONFIG_INVALID', 'GITLAB_URL is missing');

  it.each([
    ['a good event', EVENT],
    ['a bad event', {}],
  ])('fails with that reason at %s, each time', async (_what, event) => {
    const { invoke, published } = givenHandler(refuse, { steps });

    await expect(invoke(event)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(invoke(event)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(published.map(({ alert }) => alert.attributes.code)).toStrictEqual([
      'CONFIG_INVALID',
      'CONFIG_INVALID',
    ]);
  });

  it('knows whom a failure in the middle of a rotation hurts', async () => {
    const { invoke, published } = givenHandler(refuse, { steps });

    await invoke({ ...EVENT, Step: 'finishSecret' }).catch(() => {});

    expect(published[0]?.alert.attributes).toStrictEqual({
      code: 'CONFIG_INVALID',
      risk: 'consumers',
      step: 'finishSecret',
    });
  });
});

describe('when a step gives notice', () => {
  const notify: StepFunction = (_request, invocation) =>
    invocation.notify({ code: 'EXPIRES_TOO_SOON', details: { expiresAt: '2026-12-01' } });

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

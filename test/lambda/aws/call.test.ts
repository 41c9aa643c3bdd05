import { afterEach, describe, expect, it, vi } from 'vitest';
import { callAws, callDetails } from '../../../lambda/aws/call.ts';
import { recordingLog } from '../../rig/function/recording-log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const REPLY = {
  $metadata: {
    httpStatusCode: 200,
    requestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
    attempts: 2,
  },
};

describe(callAws, () => {
  it('returns the reply and logs its ids', async () => {
    const log = recordingLog();
    vi.spyOn(performance, 'now').mockReturnValueOnce(1_000).mockReturnValueOnce(1_250.4);
    const props = { service: 'SNS', operation: 'Publish', log, timeoutMs: 5_000 } as const;

    const reply = await callAws(props, async () => REPLY);

    expect(reply).toBe(REPLY);
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'SNS answered',
        operation: 'Publish',
        awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
        status: 200,
        attempts: 2,
        durationMs: 250,
      },
    ]);
  });

  it('throws the error that was answered, and logs its name', async () => {
    const log = recordingLog();
    const props = {
      service: 'Secrets Manager',
      operation: 'DescribeSecret',
      log,
      timeoutMs: 5_000,
    } as const;
    const error = Object.assign(new Error('first'), {
      name: 'ResourceNotFoundException',
      $metadata: {
        httpStatusCode: 400,
        requestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
        attempts: 1,
      },
    });

    const call = callAws(props, () => Promise.reject(error));

    await expect(call).rejects.toBe(error);
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'Secrets Manager answered',
        operation: 'DescribeSecret',
        awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
        status: 400,
        attempts: 1,
        durationMs: expect.any(Number),
        error: 'ResourceNotFoundException',
      },
    ]);
  });

  it.each([
    ['an error of the network', Object.assign(new Error('first'), { $metadata: { attempts: 3 } })],
    ['an error of the SDK', new Error('first')],
    ['no error', null],
    ['a text', 'first'],
  ])('warns when there was no answer but %s', async (_what, error) => {
    const log = recordingLog();
    const props = { service: 'SNS', operation: 'Publish', log, timeoutMs: 5_000 } as const;

    const call = callAws(props, () => Promise.reject(error));

    await expect(call).rejects.toBe(error);
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'SNS did not answer' }]);
    expect(JSON.stringify(log.lines)).not.toContain('first');
  });

  it('gives up in time, even where the SDK is between two attempts and notices nothing', async () => {
    const log = recordingLog();
    const props = { service: 'SNS', operation: 'Publish', log, timeoutMs: 1 } as const;
    let given: AbortSignal | undefined;

    const call = callAws(props, ({ abortSignal }) => {
      given = abortSignal;
      return new Promise<never>(() => {});
    });

    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(given?.aborted).toBe(true);
    expect(log.lines).toMatchObject([{ level: 'warn', error: 'TimeoutError' }]);
  });

  it.each([-1, 0, 0.5])('takes %d ms for a time as good as none', async (timeoutMs) => {
    const props = { service: 'SNS', operation: 'Publish', log: recordingLog(), timeoutMs } as const;

    const call = callAws(props, () => new Promise<never>(() => {}));

    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe(callDetails, () => {
  it.each(['first token', 'x'.repeat(65), ''])('does not take %o for an id of AWS', (requestId) => {
    const reply = { $metadata: { httpStatusCode: 200, requestId } };

    expect(callDetails('Publish', reply)).toStrictEqual({ operation: 'Publish', status: 200 });
  });

  it('names what was not answered by its operation alone', () => {
    expect(callDetails('Publish', new Error('first'))).toStrictEqual({ operation: 'Publish' });
  });
});

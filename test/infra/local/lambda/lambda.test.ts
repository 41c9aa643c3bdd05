import { describe, expect, it } from 'vitest';
import { startStandIn } from '../../../../infra/local/server/stand-in.ts';
import { FUNCTION_NAME, invocationsOf, startRig } from '../../../rig/local/lambda-rig.ts';

const ECHO = 'export const handler = async (event) => event;';

/** Tells in which process it ran, and how often it did there. */
const COUNTER = `
let count = 0;
export const handler = async (event) => {
  count += 1;
  if (event.fail) throw new Error('failed on demand');
  return { count, pid: process.pid };
};
`;

describe('Invoke', () => {
  it("gives the event to the function and returns the function's result", async () => {
    await using rig = await startRig(ECHO);

    const answer = await rig.invoke({ Step: 'createSecret', list: ['ü', 1, null] });

    expect(answer).toMatchObject({ status: 200, functionError: null });
    expect(answer.payload).toEqual({ Step: 'createSecret', list: ['ü', 1, null] });
    expect(answer.headers.get('x-amz-executed-version')).toBe('$LATEST');
  });

  it('returns null for a function that returns nothing', async () => {
    await using rig = await startRig('export const handler = async () => {};');

    const answer = await rig.invoke();

    expect(answer.payload).toBeNull();
  });

  it('takes a request without a body for an empty event', async () => {
    await using rig = await startRig(ECHO);

    const answer = await rig.invoke({}, { body: '' });

    expect(answer.payload).toEqual({});
  });

  it('tells the function who it is and how long it has', async () => {
    await using rig = await startRig(
      `export const handler = async (event, context) =>
        ({ ...context, leftMs: context.getRemainingTimeInMillis() });`,
      { memoryMb: 200, timeoutMs: 30_000, region: 'us-east-2' },
    );

    const { payload, headers } = await rig.invoke();

    expect(payload).toEqual({
      awsRequestId: headers.get('x-amzn-requestid'),
      functionName: FUNCTION_NAME,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:us-east-2:111122223333:function:${FUNCTION_NAME}`,
      memoryLimitInMB: '200',
      logGroupName: `/aws/lambda/${FUNCTION_NAME}`,
      logStreamName: expect.stringMatching(/^\[\$LATEST\][0-9a-f]{32}$/),
      leftMs: expect.any(Number),
    });
    const { leftMs } = payload as { readonly leftMs: number };
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(30_000);
  });

  it('reports an error that leaves the function, by its name', async () => {
    await using rig = await startRig(`
      class Refused extends Error { name = 'Refused'; }
      export const handler = async () => { throw new Refused('not today'); };
    `);

    const answer = await rig.invoke();

    expect(answer).toMatchObject({ status: 200, functionError: 'Unhandled' });
    expect(answer.payload).toEqual({
      errorType: 'Refused',
      errorMessage: 'not today',
      trace: expect.arrayContaining(['Refused: not today']),
    });
  });

  it('reports what is thrown and is no error', async () => {
    await using rig = await startRig("export const handler = async () => { throw 'a text'; };");

    const { functionError, payload } = await rig.invoke();

    expect(functionError).toBe('Unhandled');
    expect(payload).toEqual({ errorType: 'string', errorMessage: 'a text', trace: [] });
  });

  it('reports a result that JSON cannot hold', async () => {
    await using rig = await startRig('export const handler = async () => 1n;');

    const { functionError, payload } = await rig.invoke();

    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'Runtime.JSONStringifyError' });
  });

  it('stays warm after a success and after an error', async () => {
    await using rig = await startRig(COUNTER);

    await rig.invoke();
    await rig.invoke({ fail: true });
    const { payload } = await rig.invoke();

    expect(payload).toMatchObject({ count: 3 });
    expect(rig.lambda.invocations.map(({ coldStart, outcome }) => [coldStart, outcome])).toEqual([
      [true, 'success'],
      [false, 'error'],
      [false, 'success'],
    ]);
  });

  it('runs invocations that come at the same time in processes of their own', async () => {
    const meeting = Promise.withResolvers<void>();
    let guests = 0;
    await using meetingPoint = await startStandIn({
      operationOf: () => 'arrive',
      answer: async () => {
        guests += 1;
        if (guests === 2) {
          meeting.resolve();
        }
        await meeting.promise;
        return { status: 204, body: '' };
      },
    });
    await using rig = await startRig(
      `let count = 0;
      export const handler = async () => {
        count += 1;
        await fetch(process.env.MEETING_POINT);
        return count;
      };`,
      { environment: { MEETING_POINT: meetingPoint.url } },
    );

    const answers = await Promise.all([rig.invoke(), rig.invoke()]);

    expect(answers.map(({ payload }) => payload)).toEqual([1, 1]);
    expect(rig.lambda.invocations.map(({ coldStart }) => coldStart)).toEqual([true, true]);
  });

  it('runs one in a new process where it is to scale out, and the next in that which ran last', async () => {
    await using rig = await startRig(
      'let count = 0; export const handler = async () => { count += 1; return count; };',
    );
    await rig.invoke();

    rig.lambda.scaleOut();
    const { payload: first } = await rig.invoke();
    const { payload: second } = await rig.invoke();

    expect([first, second]).toEqual([1, 2]);
    expect(rig.lambda.invocations.map(({ coldStart }) => coldStart)).toEqual([true, true, false]);
  });

  it('gives each invocation an id and a trace of its own', async () => {
    await using rig = await startRig(
      'export const handler = async () => process.env._X_AMZN_TRACE_ID;',
    );

    const [first, second] = [await rig.invoke(), await rig.invoke()];

    expect(first.payload).toMatch(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
    );
    expect(second.payload).not.toBe(first.payload);
    expect(rig.lambda.invocations.map(({ requestId }) => requestId)).toEqual(
      [first, second].map(({ headers }) => headers.get('x-amzn-requestid')),
    );
  });

  it('keeps of an event the step alone, and the log clean of the RotationToken', async () => {
    await using rig = await startRig(
      'export const handler = async ({ Step }) => console.info({ Step });',
    );

    await rig.invoke({ Step: 'testSecret', RotationToken: 'rotation-token' });
    await rig.invoke({ Step: 7 });
    await rig.invoke(null);

    expect(rig.lambda.invocations.map(({ step }) => step)).toEqual([
      'testSecret',
      undefined,
      undefined,
    ]);
    const { invocations, logs, calls } = rig.lambda;
    expect(JSON.stringify({ invocations, logs, calls })).not.toContain('rotation-token');
  });

  it.each([
    ['its name', FUNCTION_NAME],
    ['its name and version', `${FUNCTION_NAME}:$LATEST`],
    [
      'its ARN and version',
      `arn:aws:lambda:eu-central-1:111122223333:function:${FUNCTION_NAME}:$LATEST`,
    ],
  ])('finds the function by %s', async (_what, id) => {
    await using rig = await startRig(ECHO);

    const answer = await rig.invoke('found', {}, invocationsOf(id));

    expect(answer.payload).toBe('found');
  });

  it('refuses what is no JSON without quoting it', async () => {
    await using rig = await startRig(ECHO);

    const answer = await rig.invoke({}, { body: '{"RotationToken":"rotation-token"' });

    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-amzn-errortype')).toBe('InvalidRequestContentException');
    expect(JSON.stringify(answer.payload)).not.toContain('rotation-token');
    expect(rig.lambda.invocations).toEqual([]);
  });

  it('refuses to run a function without waiting for it', async () => {
    await using rig = await startRig(ECHO);

    const answer = await rig.invoke({}, { headers: { 'x-amz-invocation-type': 'Event' } });

    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-amzn-errortype')).toBe('InvalidParameterValueException');
    expect(rig.lambda.invocations).toEqual([]);
  });

  it('runs the function, or not, as a planned fault says', async () => {
    await using rig = await startRig(COUNTER);
    const { faults } = rig.lambda;
    faults.add({ operation: 'Invoke', at: 'before', nth: 1, effect: { kind: 'reset' } });
    faults.add({ operation: 'Invoke', at: 'after', nth: 2, effect: { kind: 'reset' } });

    await expect(rig.invoke()).rejects.toThrow();
    await expect(rig.invoke()).rejects.toThrow();
    const { payload } = await rig.invoke();

    expect(payload).toMatchObject({ count: 2 });
  });
});

describe('GetFunction', () => {
  it('describes the function as it is deployed', async () => {
    await using rig = await startRig(ECHO, { memoryMb: 512, timeoutMs: 5_000 });
    const { functionArn } = rig.lambda;
    const path = `/2015-03-31/functions/${encodeURIComponent(functionArn)}`;

    const answer = await rig.invoke(undefined, { method: 'GET', body: null }, path);

    expect(answer.status).toBe(200);
    expect(answer.payload).toMatchObject({
      Configuration: {
        FunctionName: FUNCTION_NAME,
        FunctionArn: functionArn,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        MemorySize: 512,
        Timeout: 5,
        State: 'Active',
      },
    });
    expect(rig.lambda.calls.map(({ operation }) => operation)).toEqual(['GetFunction']);
  });
});

describe('what is not there', () => {
  it.each([
    ['GET', '/2015-03-31/functions/another', 'ResourceNotFoundException'],
    ['GET', '/2015-03-31/functions/%E0%A4%A', 'ResourceNotFoundException'],
    ['POST', '/2015-03-31/functions/another/invocations', 'ResourceNotFoundException'],
    ['PUT', '/2015-03-31/functions/rotate', 'UnknownOperationException'],
    ['GET', '/2015-03-31/functions/rotate/invocations', 'UnknownOperationException'],
    ['GET', '/', 'UnknownOperationException'],
  ])('is answered with 404: %s %s', async (method, path, errorType) => {
    await using rig = await startRig(ECHO);

    const answer = await rig.invoke(undefined, { method, body: null }, path);

    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-amzn-errortype')).toBe(errorType);
    expect(answer.payload).toMatchObject({ Type: 'User' });
    expect(rig.lambda.invocations).toEqual([]);
  });
});

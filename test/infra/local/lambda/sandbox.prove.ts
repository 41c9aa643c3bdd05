import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startStandIn } from '../../../../infra/local/server/stand-in.ts';
import { FUNCTION_NAME, type Rig, startRig } from '../../../rig/local/lambda-rig.ts';

/** Ends as its event says. */
const ENDINGS = `
const endings = {
  reply: () => process.pid,
  wait: () => new Promise(() => setInterval(() => {}, 1_000)),
  spin: () => { for (;;); },
  exit: () => process.exit(3),
  leave: () => process.exit(0),
  nothing: () => new Promise(() => {}),
  reject: async () => {
    Promise.reject(new Error('nobody waits for me'));
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  },
  fill: () => {
    const full = [];
    for (;;) full.push(new Array(100_000).fill(Math.random()));
  },
};
export const handler = async ({ how }) => {
  console.info('here');
  return endings[how]();
};
`;

describe('a function that takes too long', () => {
  it.each(['wait', 'spin'])('is stopped, and its next invocation starts anew: %s', async (how) => {
    await using rig = await startRig(ENDINGS, { timeoutMs: 1_500 });
    const { payload: firstPid } = await rig.invoke({ how: 'reply' });

    const answer = await rig.invoke({ how });
    const next = await rig.invoke({ how: 'reply' });

    const requestId = answer.headers.get('x-amzn-requestid');
    expect(answer).toMatchObject({ status: 200, functionError: 'Unhandled' });
    expect(answer.payload).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.50 seconds`,
    });
    expect(isRunning(firstPid)).toBe(false);
    expect(next).toMatchObject({ functionError: null });
    expect(rig.lambda.invocations.map(({ outcome, coldStart }) => [outcome, coldStart])).toEqual([
      ['success', true],
      ['timeout', false],
      ['success', true],
    ]);
  });
});

describe('a function whose process ends', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig(ENDINGS);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  it.each([
    ['exit', 'Runtime exited with error: exit status 3'],
    ['leave', 'Runtime exited without providing a reason'],
    ['nothing', 'Runtime exited without providing a reason'],
    ['reject', 'Runtime exited with error: exit status 1'],
  ])('fails, and its next invocation starts anew: %s', async (how, reason) => {
    const { length } = rig.lambda.invocations;

    const answer = await rig.invoke({ how });
    const next = await rig.invoke({ how: 'reply' });

    const requestId = answer.headers.get('x-amzn-requestid');
    expect(answer).toMatchObject({ status: 200, functionError: 'Unhandled' });
    expect(answer.payload).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${requestId} Error: ${reason}`,
    });
    expect(next).toMatchObject({ functionError: null });
    const [ended, anew] = rig.lambda.invocations.slice(length);
    expect(ended).toMatchObject({ outcome: 'failure' });
    expect(anew).toMatchObject({ outcome: 'success', coldStart: true });
  });

  it('leaves its last words in the log', async () => {
    await rig.invoke({ how: 'reject' });

    expect(rig.lambda.logs).toContainEqual({ raw: 'Error: nobody waits for me' });
  });

  it('may have used more memory than it has', async () => {
    await using rig = await startRig(ENDINGS, { memoryMb: 64 });

    const answer = await rig.invoke({ how: 'fill' });
    const next = await rig.invoke({ how: 'reply' });

    expect(answer.functionError).toBe('Unhandled');
    expect(answer.payload).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(rig.lambda.logs.map(({ raw }) => raw).join('\n')).toContain('heap out of memory');
    expect(next.functionError).toBeNull();
  });
});

describe('a function that cannot be loaded', () => {
  it.each([
    ['throws', "throw new RangeError('bad start');", 'RangeError', 'bad start'],
    ['is no JavaScript', 'export const handler = ;', 'SyntaxError', "Unexpected token ';'"],
    [
      'exports no handler',
      'export const other = 1;',
      'Runtime.HandlerNotFound',
      'index.handler is undefined or not exported',
    ],
    [
      'takes a callback',
      'export const handler = (event, context, callback) => callback();',
      'Runtime.CallbackHandlerDeprecated',
      expect.stringContaining('callback'),
    ],
  ])('fails each invocation: it %s', async (_what, source, errorType, errorMessage) => {
    await using rig = await startRig(source);

    const answers = [await rig.invoke(), await rig.invoke()];

    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 200, functionError: 'Unhandled' });
      expect(answer.payload).toMatchObject({ errorType, errorMessage });
    }
    expect(rig.lambda.invocations).toMatchObject([
      { outcome: 'error', coldStart: true },
      { outcome: 'error', coldStart: true },
    ]);
  });

  it('fails where there is no file', async () => {
    await using rig = await startRig('', { bundle: join(import.meta.dirname, 'missing.mjs') });

    const { payload } = await rig.invoke();

    expect(payload).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: "Error: Cannot find module 'missing'",
    });
  });

  it('fails where there is no folder', async () => {
    await using rig = await startRig('', { bundle: '/no/such/folder/index.mjs' });

    const { payload } = await rig.invoke();

    expect(payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('failed to start'),
    });
  });

  it('is stopped when loading takes too long', async () => {
    const source = `
      await new Promise(() => setInterval(() => {}, 1_000));
      export const handler = async () => {};
    `;
    await using rig = await startRig(source, { timeoutMs: 500 });

    const { payload } = await rig.invoke();

    expect(payload).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(rig.lambda.invocations).toMatchObject([{ outcome: 'timeout', coldStart: true }]);
  });
});

describe('kill', () => {
  it('stops a function in the middle of its work', async () => {
    await using other = await startStandIn({
      operationOf: () => 'work',
      answer: () => ({ status: 200, body: 'done' }),
    });
    await using rig = await startRig(
      `export const handler = async () => (await fetch(process.env.OTHER)).text();`,
      { environment: { OTHER: other.url } },
    );
    const run = () => rig.lambda.kill();
    other.faults.add({ operation: 'work', at: 'after', effect: { kind: 'run', run } });

    const killed = await rig.invoke();
    const next = await rig.invoke();

    expect(killed.payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: signal: killed$/),
    });
    expect(next.payload).toBe('done');
    expect(rig.lambda.invocations.map(({ outcome, coldStart }) => [outcome, coldStart])).toEqual([
      ['failure', true],
      ['success', true],
    ]);
  });

  it('stops an idle function too, so that the next invocation loads it again', async () => {
    await using rig = await startRig(ENDINGS);
    const { payload: firstPid } = await rig.invoke({ how: 'reply' });

    rig.lambda.kill();
    const next = await rig.invoke({ how: 'reply' });

    expect(next.functionError).toBeNull();
    expect(next.payload).not.toBe(firstPid);
  });

  it('leaves an idle process alone where another is at work', async () => {
    await using rig = await startRig(ENDINGS);
    const { payload: idlePid } = await rig.invoke({ how: 'reply' });
    rig.lambda.scaleOut();
    const stop = rig.lambda.onLog(({ entry }) => {
      if (entry?.['message'] === 'here') {
        stop();
        rig.lambda.kill();
      }
    });

    const killed = await rig.invoke({ how: 'wait' });
    const next = await rig.invoke({ how: 'reply' });

    expect(killed.payload).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(next.payload).toBe(idlePid);
  });
});

describe('no process is left', () => {
  it('when the server is disposed of', async () => {
    const rig = await startRig(ENDINGS);
    const { payload: idlePid } = await rig.invoke({ how: 'reply' });

    await rig[Symbol.asyncDispose]();

    expect(isRunning(idlePid)).toBe(false);
  });

  it('when the program that started it is killed', async () => {
    await using arrivals = await startStandIn({
      operationOf: ({ path }) => path.slice(1),
      answer: () => ({ status: 204, body: '' }),
    });
    await using rig = await startRig(
      `export const handler = async () => {
        await fetch(process.env.ARRIVALS + '/' + process.pid);
        await new Promise(() => setInterval(() => {}, 1_000));
      };`,
    );
    const program = join(dirname(rig.bundle), 'program.ts');
    writeFileSync(program, programOf(rig.bundle, arrivals.url));
    const parent = spawn(process.execPath, [program], { stdio: 'ignore' });
    await vi.waitFor(() => expect(arrivals.calls).toHaveLength(1), { timeout: 20_000 });
    const pid = Number(arrivals.calls[0]?.operation);
    const wasRunning = isRunning(pid);

    parent.kill('SIGKILL');
    await once(parent, 'exit');

    expect(wasRunning).toBe(true);
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 20_000 });
  });
});

/** A program that invokes the function of a bundle. */
function programOf(bundle: string, arrivals: string): string {
  const lambda = join(
    import.meta.dirname,
    ...Array(4).fill('..'),
    'infra',
    'local',
    'lambda',
    'lambda.ts',
  );
  return `
    import { startLambda } from ${JSON.stringify(lambda)};
    const lambda = await startLambda({
      bundle: ${JSON.stringify(bundle)},
      functionName: '${FUNCTION_NAME}',
      environment: { ARRIVALS: '${arrivals}' },
    });
    await fetch(lambda.url + '/2015-03-31/functions/${FUNCTION_NAME}/invocations', { method: 'POST' });
  `;
}

function isRunning(pid: unknown): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

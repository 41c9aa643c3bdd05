import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lambda } from '../../../../infra/local/lambda/lambda.ts';
import { type Rig, startRig } from '../../../rig/local/lambda-rig.ts';

/** Does what its event says, so that one process serves many tests. */
const OBEDIENT = `
const AsyncFunction = (async () => {}).constructor;
export const handler = (statements) => new AsyncFunction(statements)();
`;

/** Runs the statements as the body of a function. */
function startWith(statements: string): Promise<Rig> {
  return startRig(`export const handler = async (event, context) => { ${statements} };`);
}

/** The lines of the function itself, parsed. */
function linesOf({ logs }: Pick<Lambda, 'logs'>) {
  return logs.map(({ entry }) => entry).filter((entry) => entry && 'level' in entry);
}

describe('the log of a function', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig(OBEDIENT);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  /** Runs statements in the function. @returns what it has logged in this invocation */
  async function say(statements: string) {
    const { length } = rig.lambda.logs;
    const { headers } = await rig.invoke(statements);
    const lines = linesOf({ logs: rig.lambda.logs.slice(length) });
    return { lines, requestId: headers.get('x-amzn-requestid') };
  }

  it('keeps the members of a single object', async () => {
    const { lines, requestId } = await say("console.info({ message: 'started', attempt: 1 });");

    expect(lines).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'INFO',
        requestId,
        message: { message: 'started', attempt: 1 },
      },
    ]);
  });

  it.each([
    ['info', 'INFO'],
    ['log', 'INFO'],
    ['warn', 'WARN'],
    ['error', 'ERROR'],
  ])('names the level of console.%s', async (method, level) => {
    const { lines } = await say(`console.${method}('text');`);

    expect(lines).toMatchObject([{ level, message: 'text' }]);
  });

  it.each(['debug', 'trace'])('drops console.%s, which is below INFO', async (method) => {
    const { lines } = await say(`console.${method}('too much'); console.info('enough');`);

    expect(lines).toMatchObject([{ message: 'enough' }]);
  });

  it('joins several arguments to one text, and names the error among them', async () => {
    const { lines } = await say(
      "console.error('%d tries', 3, { id: 7 }, new TypeError('no luck'));",
    );

    expect(lines).toMatchObject([
      {
        message: expect.stringMatching(/^3 tries \{ id: 7 \} TypeError: no luck/),
        errorType: 'TypeError',
        errorMessage: 'no luck',
        stackTrace: expect.arrayContaining(['TypeError: no luck']),
      },
    ]);
  });

  it('shows every enumerable member of an error, and not its cause', async () => {
    const { lines } = await say(`
      const cause = new Error('hidden');
      console.error(Object.assign(new RangeError('too far', { cause }), { code: 'FAR' }));
    `);

    expect(lines).toMatchObject([
      { message: { errorType: 'RangeError', errorMessage: 'too far', code: 'FAR' } },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hidden');
  });

  it('writes what JSON cannot hold as text', async () => {
    const { lines } = await say('console.info({ big: 1n });');

    expect(lines).toMatchObject([{ message: '{ big: 1n }' }]);
  });

  it('holds the error that leaves the function', async () => {
    const { lines, requestId } = await say(
      "throw Object.assign(new Error('lost'), { risk: 'none' });",
    );

    expect(lines).toMatchObject([
      {
        level: 'ERROR',
        requestId,
        message: { errorType: 'Error', errorMessage: 'lost', risk: 'none' },
      },
    ]);
  });

  it('holds what is thrown and is no error', async () => {
    const { lines } = await say("throw 'a text';");

    expect(lines).toMatchObject([{ level: 'ERROR', message: { errorMessage: 'a text' } }]);
  });

  it('holds why the function could not be loaded', async () => {
    await using rig = await startRig("throw new Error('bad start');");

    await rig.invoke();

    expect(linesOf(rig.lambda)).toMatchObject([
      { level: 'ERROR', message: { errorType: 'Error', errorMessage: 'bad start' } },
    ]);
  });

  it('has one line per call, whatever the text', async () => {
    const { lines } = await say("console.info('a\\nb\\u2028c\\rd');");

    expect(lines).toMatchObject([{ message: 'a\nb\u2028c\rd' }]);
  });

  it('is complete when the invocation is answered', async () => {
    // More than a pipe takes at once.
    const { lines } = await say("console.info('x'.repeat(1_000_000)); console.info('end');");

    expect(lines.map((line) => String(line?.['message']).length)).toEqual([1_000_000, 3]);
  });

  it('has what is written past the console as it is', async () => {
    const metrics = '{"_aws":{"Timestamp":0},"Code":"A"}';
    await say(`process.stdout.write('${metrics}\\n'); console.info(${metrics});`);

    const raws = rig.lambda.logs.map(({ raw }) => raw);
    expect(raws).toContain(metrics);
    expect(raws.filter((raw) => raw.includes(`"message":${metrics}`))).toHaveLength(1);
  });

  it('keeps a line that is no JSON as it is', async () => {
    await say("process.stderr.write('plain\\n'); process.exit(1);");

    expect(rig.lambda.logs).toContainEqual({ raw: 'plain' });
  });
});

describe('the records of Lambda itself', () => {
  /** Type and record of each. */
  function recordsOf({ lambda }: Rig) {
    return lambda.logs.flatMap(({ entry }) =>
      entry?.['time'] === undefined ? [] : [[entry['type'], entry['record']]],
    );
  }

  it('frame a first invocation and a warm one', async () => {
    await using rig = await startWith("console.info('working');");

    const first = (await rig.invoke()).headers.get('x-amzn-requestid');
    const second = (await rig.invoke()).headers.get('x-amzn-requestid');

    const metrics = {
      durationMs: expect.any(Number),
      billedDurationMs: expect.any(Number),
      memorySizeMB: 256,
    };
    const cold = { ...metrics, initDurationMs: expect.any(Number) };
    expect(recordsOf(rig)).toEqual([
      ['platform.initStart', expect.objectContaining({ initializationType: 'on-demand' })],
      ['platform.start', { requestId: first, version: '$LATEST' }],
      ['platform.report', { requestId: first, metrics: cold, status: 'success' }],
      ['platform.start', { requestId: second, version: '$LATEST' }],
      ['platform.report', { requestId: second, metrics, status: 'success' }],
    ]);
    expect(rig.lambda.logs.map(({ entry }) => entry?.['type'] ?? entry?.['level'])).toEqual([
      'platform.initStart',
      'platform.start',
      'INFO',
      'platform.report',
      'platform.start',
      'INFO',
      'platform.report',
    ]);
  });

  it.each([
    ["throw new TypeError('x');", 'error', 'TypeError'],
    ['process.exit(1);', 'failure', 'Runtime.ExitError'],
  ])('name the end of %s', async (statements, status, errorType) => {
    await using rig = await startWith(statements);

    await rig.invoke();

    expect(recordsOf(rig).at(-1)).toMatchObject(['platform.report', { status, errorType }]);
  });
});

describe('onLog', () => {
  it('tells each line until it is stopped', async () => {
    await using rig = await startWith('console.info(event);');
    const heard: unknown[] = [];
    const stop = rig.lambda.onLog(({ entry }) => heard.push(entry?.['message'] ?? entry?.['type']));

    await rig.invoke('first');
    stop();
    await rig.invoke('second');

    expect(heard).toEqual(['platform.initStart', 'platform.start', 'first', 'platform.report']);
    expect(linesOf(rig.lambda)).toMatchObject([{ message: 'first' }, { message: 'second' }]);
  });
});

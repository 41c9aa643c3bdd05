import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from './rig.ts';

/** Runs the statements as the body of a function. */
function startWith(statements: string): Promise<Rig> {
  return startRig(`export const handler = async (event, context) => { ${statements} };`);
}

/** The lines of the function itself, parsed. */
function linesOf({ lambda }: Rig) {
  return lambda.logs.map(({ entry }) => entry).filter((entry) => entry && 'level' in entry);
}

describe('the log of a function', () => {
  it('keeps the members of a single object', async () => {
    await using rig = await startWith("console.info({ message: 'started', attempt: 1 });");

    const { headers } = await rig.invoke();

    expect(linesOf(rig)).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'INFO',
        requestId: headers.get('x-amzn-requestid'),
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
    await using rig = await startWith(`console.${method}('text');`);

    await rig.invoke();

    expect(linesOf(rig)).toMatchObject([{ level, message: 'text' }]);
  });

  it.each(['debug', 'trace'])('drops console.%s, which is below INFO', async (method) => {
    await using rig = await startWith(`console.${method}('too much'); console.info('enough');`);

    await rig.invoke();

    expect(linesOf(rig)).toMatchObject([{ message: 'enough' }]);
  });

  it('joins several arguments to one text, and names the error among them', async () => {
    await using rig = await startWith(
      "console.error('%d tries', 3, { id: 7 }, new TypeError('no luck'));",
    );

    await rig.invoke();

    expect(linesOf(rig)).toMatchObject([
      {
        message: expect.stringMatching(/^3 tries \{ id: 7 \} TypeError: no luck/),
        errorType: 'TypeError',
        errorMessage: 'no luck',
        stackTrace: expect.arrayContaining(['TypeError: no luck']),
      },
    ]);
  });

  it('shows every enumerable member of an error, and not its cause', async () => {
    await using rig = await startWith(`
      const cause = new Error('hidden');
      console.error(Object.assign(new RangeError('too far', { cause }), { code: 'FAR' }));
    `);

    await rig.invoke();

    expect(linesOf(rig)).toMatchObject([
      { message: { errorType: 'RangeError', errorMessage: 'too far', code: 'FAR' } },
    ]);
    expect(JSON.stringify(linesOf(rig))).not.toContain('hidden');
  });

  it('writes what JSON cannot hold as text', async () => {
    await using rig = await startWith('console.info({ big: 1n });');

    await rig.invoke();

    expect(linesOf(rig)).toMatchObject([{ message: '{ big: 1n }' }]);
  });

  it('holds the error that leaves the function', async () => {
    await using rig = await startWith("throw Object.assign(new Error('lost'), { risk: 'none' });");

    const { headers } = await rig.invoke();

    expect(linesOf(rig)).toMatchObject([
      {
        level: 'ERROR',
        requestId: headers.get('x-amzn-requestid'),
        message: { errorType: 'Error', errorMessage: 'lost', risk: 'none' },
      },
    ]);
  });

  it('holds what is thrown and is no error', async () => {
    await using rig = await startWith("throw 'a text';");

    await rig.invoke();

    expect(linesOf(rig)).toMatchObject([{ level: 'ERROR', message: { errorMessage: 'a text' } }]);
  });

  it('holds why the function could not be loaded', async () => {
    await using rig = await startRig("throw new Error('bad start');");

    await rig.invoke();

    expect(linesOf(rig)).toMatchObject([
      { level: 'ERROR', message: { errorType: 'Error', errorMessage: 'bad start' } },
    ]);
  });

  it('has one line per call, whatever the text', async () => {
    await using rig = await startWith("console.info('a\\nb\\u2028c\\rd');");

    await rig.invoke();

    expect(linesOf(rig)).toMatchObject([{ message: 'a\nb\u2028c\rd' }]);
  });

  it('is complete when the invocation is answered', async () => {
    // More than a pipe takes at once.
    await using rig = await startWith("console.info('x'.repeat(4_000_000)); console.info('end');");

    await rig.invoke();

    expect(linesOf(rig).map((line) => String(line?.['message']).length)).toEqual([4_000_000, 3]);
  });

  it('keeps a line that is no JSON as it is', async () => {
    await using rig = await startWith("process.stderr.write('plain\\n'); process.exit(1);");

    await rig.invoke();

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
    expect(linesOf(rig)).toMatchObject([{ message: 'first' }, { message: 'second' }]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeError,
  errorName,
  networkErrorName,
  safeTimestamp,
  safeTokenName,
  toRotationError,
} from '../../lambda/disclosure.ts';
import { RotationError } from '../../lambda/failure.ts';

describe(describeError, () => {
  it('tells all of our own failures', () => {
    const failure = new RotationError('ROTATION_REFUSED', 'GitLab refuses', {
      details: { status: 403 },
    });

    expect(describeError(failure)).toStrictEqual({
      name: 'RotationError',
      code: 'ROTATION_REFUSED',
      message: 'ROTATION_REFUSED: GitLab refuses',
      details: { status: 403 },
    });
  });

  it('never repeats what a foreign error says', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (token) => {
        const foreign = Object.assign(new TypeError(`"${token}" is invalid`), {
          request: { token },
        });
        const failure = new RotationError('ROTATION_REFUSED', 'refused', { cause: foreign });

        expect(describeError(foreign)).toStrictEqual({ name: 'TypeError' });
        expect(describeError(failure).cause).toStrictEqual({ name: 'TypeError' });
      }),
    );
  });

  it('tells the causes of causes', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const failure = new TypeError('fetch failed', { cause: refused });

    expect(describeError(failure)).toStrictEqual({
      name: 'TypeError',
      cause: { name: 'ECONNREFUSED' },
    });
  });

  it('comes to an end where causes run in a circle', () => {
    const circle = new Error('outer');
    circle.cause = new TypeError('inner', { cause: circle });

    expect(JSON.stringify(describeError(circle)).match(/name/g)).toHaveLength(5);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'object'],
    ['first', 'string'],
    [{ message: 'first' }, 'object'],
  ])('tells the type alone of %o, which is no error', (thrown, name) => {
    expect(describeError(thrown)).toStrictEqual({ name });
  });
});

describe(errorName, () => {
  it.each([
    ['a class', new SyntaxError('first'), 'SyntaxError'],
    ['an AWS error', named('com.amazonaws.AccessDenied'), 'com.amazonaws.AccessDenied'],
    ['a system error', Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'ECONNRESET'],
    [
      'an error whose code is not of the system',
      Object.assign(new TypeError('x'), { code: 'first' }),
      'TypeError',
    ],
    ['a name with content', named('token first'), 'Error'],
    ['a name that is too long', named('x'.repeat(65)), 'Error'],
    ['no name', named(''), 'Error'],
    ['a name that is no text', named(1), 'Error'],
    ['a name that only becomes a text', named(['TypeError']), 'Error'],
  ])('of %s is told as a word', (_what, error, name) => {
    expect(errorName(error)).toBe(name);
  });
});

describe(toRotationError, () => {
  it('leaves a failure as it is', () => {
    const failure = new RotationError('NOT_PROMOTED', 'refused');

    expect(toRotationError(failure)).toBe(failure);
  });

  it('makes UNEXPECTED of anything else, of which it keeps the name', () => {
    const foreign = new RangeError('first is out of range');

    const failure = toRotationError(foreign);

    expect(failure).toMatchObject({
      code: 'UNEXPECTED',
      message: 'UNEXPECTED: unexpected error: RangeError',
      details: { error: 'RangeError' },
      cause: foreign,
    });
    expect(failure.stack).not.toContain('first');
  });
});

function named(name: unknown): Error {
  return Object.defineProperty(new Error('first'), 'name', { value: name });
}

describe(networkErrorName, () => {
  it('is the code of an error', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:443'), {
      code: 'ECONNREFUSED',
    });

    expect(networkErrorName(error)).toBe('ECONNREFUSED');
  });

  it('is the code that an error of several addresses has', () => {
    const error = Object.assign(new AggregateError([new Error('first'), new Error('second')]), {
      code: 'ETIMEDOUT',
    });

    expect(networkErrorName(error)).toBe('ETIMEDOUT');
  });

  it('is the name of an error whose code is a number', () => {
    expect(networkErrorName(new DOMException('the call took too long', 'TimeoutError'))).toBe(
      'TimeoutError',
    );
  });

  it('is the name of an error without a code', () => {
    expect(networkErrorName(new TypeError('"first" is not a header value'))).toBe('TypeError');
  });

  it.each(['Bearer first', 'first-token', '', 'e'.repeat(65)])(
    'never is a code that is no plain word: %j',
    (code) => {
      expect(networkErrorName(Object.assign(new Error('message'), { code }))).toBe('Error');
    },
  );

  it.each([undefined, null, 'first token'])('survives what is no error: %j', (thrown) => {
    expect(networkErrorName(thrown)).toBe('undefined');
  });
});

describe(safeTokenName, () => {
  it.each(['publish', 'npm publish', 'deploy 2026-11-22', 'Müllers Schlüssel', 'fifteen-letters'])(
    'tells %j as it is',
    (name) => {
      expect(safeTokenName(name)).toBe(name);
    },
  );

  it.each([
    ['publish\nto npm', 'publish to npm'],
    ['\u001b[31mred\u0007', '[31mred'],
    ['pub\u200blish', 'pub lish'],
    ['\u202ehsilbup\u2028npm\u00a0x', 'hsilbup npm x'],
    ['  publish  ', 'publish'],
    ['publish \r\n to npm', 'publish to npm'],
    ['the "old" one', "the 'old' one"],
    ['half \ud800', 'half'],
  ])('tells %j as one line: %j', (name, told) => {
    expect(safeTokenName(name)).toBe(told);
  });

  it('tells only the beginning of what is long enough to be a token', () => {
    expect(safeTokenName('was glpat-abcdefghijklmnopqrst before')).toBe('was glpat-ab… before');
    expect(safeTokenName('publish-to-the-registry')).toBe('publish-…');
    expect(safeTokenName('🔑'.repeat(16))).toBe(`${'🔑'.repeat(8)}…`);
  });

  it('tells no more of a long name than one line holds', () => {
    const told = safeTokenName('ten chars '.repeat(20));

    expect(told).toBe(`${'ten chars '.repeat(6)}…`);
  });

  it('never tells as much of a token as would help anybody, wherever it stands', () => {
    const token = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 16,
      maxLength: 80,
    });
    fc.assert(
      fc.property(token, fc.string(), fc.string(), (held, before, after) => {
        const told = safeTokenName(`${before}${held}${after}`);

        expect(told).not.toContain(held.replaceAll('"', "'").slice(0, 9));
        expect(told).toMatch(/^[^\p{C}\p{Zl}\p{Zp}"]{0,61}$/u);
      }),
    );
  });
});

describe(safeTimestamp, () => {
  it.each(['2026-11-22T09:03:36.008Z', '2026-11-22T09:03:36Z', '2026-11-22T09:03:36.008+01:00'])(
    'tells %s',
    (time) => {
      expect(safeTimestamp(time)).toBe(time);
    },
  );

  it.each(['', '2026-11-22', 'yesterday', '2026-11-22T09:03:36Z first', 'x2026-11-22T09:03:36Z'])(
    'does not tell %j',
    (time) => {
      expect(safeTimestamp(time)).toBe('');
    },
  );
});

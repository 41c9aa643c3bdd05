import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError, errorName, toRotationError } from '../../lambda/disclosure.ts';
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

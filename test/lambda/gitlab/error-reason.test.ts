import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../../lambda/gitlab/error-reason.ts';

describe(reasonOf, () => {
  it('is the code of an error', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:443'), {
      code: 'ECONNREFUSED',
    });

    expect(reasonOf(error)).toBe('ECONNREFUSED');
  });

  it('is the code that an error of several addresses has', () => {
    const error = Object.assign(new AggregateError([new Error('first'), new Error('second')]), {
      code: 'ETIMEDOUT',
    });

    expect(reasonOf(error)).toBe('ETIMEDOUT');
  });

  it('is the name of an error whose code is a number', () => {
    expect(reasonOf(new DOMException('the call took too long', 'TimeoutError'))).toBe(
      'TimeoutError',
    );
  });

  it('is the name of an error without a code', () => {
    expect(reasonOf(new TypeError('"first" is not a header value'))).toBe('TypeError');
  });

  it.each(['Bearer first', 'first-token', '', 'e'.repeat(65)])(
    'never is a code that is no plain word: %j',
    (code) => {
      expect(reasonOf(Object.assign(new Error('message'), { code }))).toBe('Error');
    },
  );

  it.each([undefined, null, 'first token'])('survives what is no error: %j', (thrown) => {
    expect(reasonOf(thrown)).toBe('undefined');
  });
});

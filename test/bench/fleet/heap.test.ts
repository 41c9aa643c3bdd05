import { expect, it } from 'vitest';
import { bytesPerInvocation } from './heap.ts';

it('what an instance keeps of each invocation is the slope of its memory, without the first sample', () => {
  const samples = [
    { invocations: 100, bytes: 1 },
    { invocations: 200, bytes: 5000 },
    { invocations: 300, bytes: 5900 },
    { invocations: 400, bytes: 7000 },
  ];

  expect(bytesPerInvocation(samples)).toBe(10);
});

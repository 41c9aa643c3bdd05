import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isNoProxyEntry } from '../../../../infra/local/real/no-proxy.ts';
import { parseNoProxy } from '../../../../lambda/settings/variables.ts';

function isTaken(entry: string): boolean {
  return typeof parseNoProxy(entry) === 'string';
}

it.each([
  ...['gitlab.example.com', '.example.com', '*.example.com', 'example.com.', 'localhost', '*'],
  ...['GITLAB.example.com:8443', '*:443', '10.0.0.1', '10.0.0.1:443', '::1', '[::1]:443', 'app_1'],
])('%j is an entry here and in the function', (entry) => {
  expect([isNoProxyEntry(entry), isTaken(entry)]).toEqual([true, true]);
});

it.each([
  ...['10.0.0.0/8', 'a.example.com;b.example.com', 'https://gitlab.example.com', 'gitlab.*', '**'],
  ...['10.0.0.256', '.10.0.0.1', 'a..b', 'a:', 'a:0', 'a:65536', '::1%eth0', '[::1', '[10.0.0.1]'],
])('%j is no entry, neither here nor in the function', (entry) => {
  expect([isNoProxyEntry(entry), isTaken(entry)]).toEqual([false, false]);
});

it('any entry is judged as the function judges it', () => {
  const anyEntry = fc.string({ unit: fc.constantFrom(...'a1.*:[]%'), minLength: 1, maxLength: 70 });
  fc.assert(
    fc.property(anyEntry, (entry) => {
      expect(isNoProxyEntry(entry)).toBe(isTaken(entry));
    }),
    { numRuns: 2000 },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExempt, parseExemptions } from '../../../../lambda/gitlab/no-proxy.ts';

const GITLAB = 'https://gitlab.example.com';

describe(isExempt, () => {
  it.each([
    [GITLAB, 'gitlab.example.com'],
    [GITLAB, 'GitLab.Example.COM'],
    [GITLAB, 'gitlab.example.com.'],
    [GITLAB, '.gitlab.example.com'],
    [GITLAB, 'example.com'],
    [GITLAB, '.example.com'],
    [GITLAB, '*.example.com'],
    [GITLAB, 'com'],
    [GITLAB, '*'],
    [GITLAB, 'localhost,.example.org example.com'],
    [GITLAB, ' , gitlab.example.com\n'],
    [GITLAB, 'gitlab.example.com:443'],
    [GITLAB, 'gitlab.example.com:0443'],
    [GITLAB, '*:443'],
    ['https://gitlab.example.com.', 'gitlab.example.com'],
    ['https://gitlab.example.com:8443/tools', 'gitlab.example.com'],
    ['https://gitlab.example.com:8443', '.example.com:8443'],
    ['https://10.1.2.3', '10.1.2.3'],
    ['https://[::1]', '::1'],
    ['https://[::1]', '[::1]'],
    ['https://[::1]', '[0:0:0:0:0:0:0:1]:443'],
    ['https://[2001:db8::1]', '2001:0DB8::1'],
  ])('%s is reached without the proxy by %j', (url, noProxy) => {
    expect(isExempt(new URL(url), noProxy)).toBe(true);
  });

  it.each([
    [GITLAB, ''],
    [GITLAB, ','],
    [GITLAB, 'example.org'],
    [GITLAB, 'lab.example.com'],
    [GITLAB, 'xgitlab.example.com'],
    [GITLAB, 'my.gitlab.example.com'],
    [GITLAB, '*.gitlab.example.com'],
    [GITLAB, 'gitlab.example.com:80'],
    [GITLAB, '*:8443'],
    ['https://gitlab.example.com:8443', 'gitlab.example.com:443'],
    ['https://10.1.2.3', '10.1.2.4'],
    ['https://10.1.2.3', '10.0.0.0/8'],
    ['https://[::1]', '::2'],
  ])('%s is reached through the proxy with %j', (url, noProxy) => {
    expect(isExempt(new URL(url), noProxy)).toBe(false);
  });
});

describe(parseExemptions, () => {
  it('tells which entry can have no effect', () => {
    const entries = parseExemptions('a.example.com,10.0.0.0/8;b');

    expect(entries.map((entry) => entry !== undefined)).toStrictEqual([true, false]);
  });

  it('tells that a port is none', () => {
    const entries = parseExemptions('a:0,a:1,a:65535,a:65536');

    expect(entries.map((entry) => entry?.port)).toStrictEqual([undefined, 1, 65535, undefined]);
  });

  it('throws for nothing', () => {
    const text = fc.string({ unit: fc.constantFrom(...'a1.*:, []%f/;@\u00fc'), maxLength: 20 });
    fc.assert(
      fc.property(text, (any) => {
        expect(Array.isArray(parseExemptions(any))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a host by its name, unless the name is a number', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), (labels) => {
        const host = labels.join('.');
        fc.pre(URL.canParse(`https://${host}`));

        expect(isExempt(new URL(`https://${host}`), host)).toBe(true);
      }),
    );
  });
});

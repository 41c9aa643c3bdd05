import { Duration } from 'aws-cdk-lib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRecoverySecretArn } from '../../infra/recovery-secret.ts';
import {
  checkGitlabUrl,
  checkHttpsProxy,
  checkNoProxy,
  checkProjectId,
  checkTokenField,
  checkTokenLifetime,
} from '../../infra/synth-checks.ts';
import {
  parseGitLabUrl,
  parseLifetimeDays,
  parseNoProxy,
  parseProjectId,
  parseProxyUrl,
  parseRecoverySecretArn,
  parseTokenField,
  type Variable,
} from '../../lambda/variables.ts';
import { RECOVERY_SECRET_ARN } from './cdk-app.ts';

type Check = (text: string) => void;

/** What is deployed without a complaint must not fail at the first rotation, nor the reverse. */
function verdicts(check: Check, parse: Variable<string | number>, text: string) {
  return { atSynthesis: passes(check, text), inTheFunction: typeof parse(text) !== 'object' };
}

function passes(check: Check, text: string): boolean {
  try {
    check(text);
    return true;
  } catch {
    return false;
  }
}

const checkLifetimeDays: Check = (text) =>
  checkTokenLifetime(Duration.days(Number(text)), Duration.hours(4), false);

describe.each<[string, Check, Variable<string | number>, good: string[], bad: string[]]>([
  [
    'projectId',
    checkProjectId,
    parseProjectId,
    ['1', '42', 'group/app', 'a/b/c', '.a/_b', 'a.b/c-d', '1/2', '..a/...', 'group/0'],
    [
      ...['', '0', '042', '-1', 'app', 'grüp/äpp', 'group%2Fapp', 'group//app', '/app', 'group/'],
      ...['./app', '../app', 'group/..', 'group/./app', '-a/b', 'a/-b', 'a b/c', 'a/b\n', 'a/b?c'],
    ],
  ],
  [
    'tokenField',
    checkTokenField,
    parseTokenField,
    ['token', 'password', 'the token', 'tökén', '🔑', "it's", 'x'.repeat(64)],
    ['', 'a"b', 'a\\b', 'a\nb', 'a\u200bb', 'tokenId', 'groupId', 'standby', 'x'.repeat(65)],
  ],
  [
    'gitlabUrl',
    checkGitlabUrl,
    parseGitLabUrl,
    ['https://gitlab.example.com', 'https://example.com:8443/gitlab/'],
    [
      ...['gitlab.example.com', 'http://gitlab.example.com', 'https://me:word@example.com'],
      ...['https://example.com/?a=b', 'https://example.com/#a', 'https://example.com/api/v4'],
    ],
  ],
  [
    'httpsProxy',
    checkHttpsProxy,
    parseProxyUrl,
    ['http://proxy.example.com:3128', 'https://proxy.example.com'],
    ['proxy.example.com', 'socks5://proxy.example.com'],
  ],
  [
    'noProxy',
    checkNoProxy,
    parseNoProxy,
    [
      ...['gitlab.example.com', '.example.com', '*.example.com', 'example.com.', 'localhost', '*'],
      ...['GITLAB.example.com:8443', '*:443', '10.0.0.1', '10.0.0.1:443', '::1', '[::1]:443'],
      ...['[2001:DB8::1]', 'a.example.com,b.example.com', 'a.example.com, .b\tc', ',', 'app_1'],
    ],
    [
      ...['10.0.0.0/8', 'fd00::/8', 'a.example.com;b.example.com', 'https://gitlab.example.com'],
      ...[
        'gitlab.example.com/',
        'gitlab.*',
        '*example.com',
        'git*.example.com',
        '**',
        '10.',
        '10.0',
      ],
      ...['10.0.0.256', '.10.0.0.1', '*.10.0.0.1', 'a..b', '..a', 'a:', 'a:0', 'a:65536', 'a:b'],
      ...['::1%eth0', '[::1', '::1]', '[::g]', '[10.0.0.1]', '[::1]:0', 'gitlab.b\u00fcro.de'],
      ...['a.example.com,10.0.0.0/8', 'a|b', 'me:word@example.com', '"a"'],
    ],
  ],
  [
    'recoverySecretArn',
    checkRecoverySecretArn,
    parseRecoverySecretArn,
    [
      RECOVERY_SECRET_ARN,
      'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/b@c-1a2B3c',
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!managed-1a2B3c',
    ],
    [
      ...['recovery', RECOVERY_SECRET_ARN.slice(0, -1), `${RECOVERY_SECRET_ARN}:token`],
      ...[
        `${RECOVERY_SECRET_ARN.slice(0, -6)}??????`,
        RECOVERY_SECRET_ARN.replace('recovery', 'a b'),
      ],
    ],
  ],
  ['tokenLifetimeDays', checkLifetimeDays, parseLifetimeDays, ['8', '90', '400'], ['1', '401']],
])('%s', (_name, check, parse, good, bad) => {
  it.each(good)('%j passes synthesis, and the function takes it', (text) => {
    expect(verdicts(check, parse, text)).toEqual({ atSynthesis: true, inTheFunction: true });
  });

  it.each(bad)('%j does not pass synthesis, nor does the function take it', (text) => {
    expect(verdicts(check, parse, text)).toEqual({ atSynthesis: false, inTheFunction: false });
  });
});

it.each<[string, Check, Variable<string | number>, alphabet: string]>([
  ['projectId', checkProjectId, parseProjectId, 'a0_.-/ %ü'],
  ['tokenField', checkTokenField, parseTokenField, 'aü"\\\n\u200b $'],
  ['noProxy', checkNoProxy, parseNoProxy, 'a1.*:, []%'],
])('%s of any characters has the same verdict in both places', (_name, check, parse, alphabet) => {
  const text = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 70 });
  fc.assert(
    fc.property(text, (any) => {
      const { atSynthesis, inTheFunction } = verdicts(check, parse, any);

      expect(atSynthesis).toBe(inTheFunction);
    }),
    { numRuns: 2000 },
  );
});

import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Duration, Lazy } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import type { GitLabTokenRotationProps } from '../../infra/gitlab-token-rotation.ts';
import { rotationStack } from './cdk-app.ts';

type Props = Partial<GitLabTokenRotationProps>;

describe('at synthesis', () => {
  it.each<[Props, string]>([
    [
      { gitlabUrl: 'gitlab.example.com' },
      'gitlabUrl must be an https URL, got "gitlab.example.com"',
    ],
    [{ gitlabUrl: 'http://localhost' }, 'gitlabUrl must be an https URL, got "http://localhost"'],
    [
      { gitlabUrl: 'https://gitlab.example.com/?a=b' },
      'gitlabUrl must have neither query nor fragment, got "https://gitlab.example.com/?a=b"',
    ],
    [
      { gitlabUrl: 'https://gitlab.example.com/api/v4' },
      'gitlabUrl must be the URL of GitLab, not of its API, got "https://gitlab.example.com/api/v4"',
    ],
    [{ interval: Duration.hours(3) }, 'interval must be 4 hours to 393 days, got 3 hours'],
    [{ interval: Duration.days(394) }, 'interval must be 4 hours to 393 days, got 394 days'],
    [{ tokenLifetime: Duration.days(1) }, 'tokenLifetime must be 2 to 400 days, got 1'],
    [{ tokenLifetime: Duration.days(401) }, 'tokenLifetime must be 2 to 400 days, got 401'],
    [{ tokenLifetime: Duration.days(30) }, 'tokenLifetime must be at least 37 days, got 30'],
    [{ interval: Duration.days(84) }, 'tokenLifetime must be at least 91 days, got 90'],
    [
      { interval: Duration.hours(25), tokenLifetime: Duration.days(8) },
      'tokenLifetime must be at least 9 days, got 8',
    ],
    [
      { alternatingTokens: true, interval: Duration.days(42) },
      'tokenLifetime must be at least 91 days with two tokens, got 90',
    ],
    [
      {
        alternatingTokens: true,
        interval: Duration.hours(25),
        tokenLifetime: Duration.days(9),
      },
      'tokenLifetime must be at least 10 days with two tokens, got 9',
    ],
    [
      { alternatingTokens: true, interval: Duration.days(197) },
      'interval must be 4 hours to 196.5 days with two tokens, got 197 days',
    ],
    [
      { interval: Duration.days(7), scheduleExpression: 'rate(7 days)' },
      'scheduleExpression must be like "cron(0 4 ? * SUN *)", in UTC, with minutes 0 and year *, got "rate(7 days)"',
    ],
    [
      { scheduleExpression: 'cron(0 4 ? * SUN *)' },
      'scheduleExpression needs interval too: the longest time between two of its dates',
    ],
    [
      { projectId: 'project' },
      'projectId must be a number or a full path like "group/project", not URL-encoded, got "project"',
    ],
    [
      { tokenField: 'tokenId' },
      'tokenField must be none of tokenId, gitlabUrl, projectId, groupId, standby, got tokenId',
    ],
    [
      { tokenField: 'a"b' },
      'tokenField must be 1 to 64 characters, without quotes, backslashes and control characters, got "a\\"b"',
    ],
    [
      { httpsProxy: 'proxy.example.com' },
      'httpsProxy must be an http or https URL, got "proxy.example.com"',
    ],
    [
      { noProxy: 'localhost,10.0.0.0/8' },
      'noProxy must hold host names, domains like .example.com or *.example.com, single IP addresses, each perhaps with a :port, or *, with commas or blanks between them, got "10.0.0.0/8"',
    ],
  ])('refuses %o', (props, message) => {
    expect(() => rotationStack(props)).toThrow(new Error(message));
  });

  it.each(['gitlabUrl', 'httpsProxy', 'noProxy'])(
    'refuses credentials in %s without repeating them',
    (name) => {
      for (const url of ['https://user:word@example.com', 'user:word@example.com']) {
        expect(() => rotationStack({ [name]: url })).toThrow(
          new Error(`${name} must not hold a user name or a password`),
        );
      }
    },
  );

  it.each([
    'cron(15 4 ? * SUN *)',
    'cron(0 4 * * SUN *)',
    'cron(0 4 ? * ? *)',
    'cron(0 4 ? * SUN 2030)',
    '0 4 * * SUN',
  ])('refuses what Secrets Manager does not take as cron: %s', (scheduleExpression) => {
    const interval = Duration.days(7);

    expect(() => rotationStack({ scheduleExpression, interval })).toThrow(
      'scheduleExpression must be like',
    );
  });

  it.each<Props>([
    { gitlabUrl: 'https://example.com:8443/gitlab/' },
    { interval: Duration.hours(4), tokenLifetime: Duration.days(8) },
    { interval: Duration.days(393), tokenLifetime: Duration.days(400) },
    { alternatingTokens: true },
    { alternatingTokens: true, interval: Duration.days(41) },
    {
      alternatingTokens: true,
      interval: Duration.hours(196.5 * 24),
      tokenLifetime: Duration.days(400),
    },
    { alternatingTokens: false, interval: Duration.days(83) },
    { interval: Duration.days(31), scheduleExpression: 'cron(0 4 L * ? *)' },
    { interval: Duration.days(31), scheduleExpression: 'cron(0 /8 1,15 1-6 ? *)' },
    { projectId: '42' },
    { httpsProxy: 'http://proxy.example.com:3128' },
    { gitlabUrl: Lazy.string({ produce: () => 'https://gitlab.example.com' }) },
    { httpsProxy: Lazy.string({ produce: () => 'http://proxy.example.com' }) },
    { noProxy: 'gitlab.internal, .example.org' },
    { noProxy: Lazy.string({ produce: () => '10.0.0.0/8' }) },
    { projectId: Lazy.string({ produce: () => '42' }) },
    { tokenField: Lazy.string({ produce: () => 'value' }) },
  ])('takes %o', (props) => {
    expect(() => rotationStack(props)).not.toThrow();
  });
});

describe('gitlabCaFile', () => {
  it.each([
    ['no certificate', 'some text'],
    ['a damaged certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['a private key beside it', `${rootCertificates[0]}\n-----BEGIN PRIVATE KEY-----\n`],
  ])('is refused with %s', async (_, content) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'ca-'));
    const gitlabCaFile = join(folder.path, 'ca.pem');
    writeFileSync(gitlabCaFile, content);

    expect(() => rotationStack({ gitlabCaFile })).toThrow(
      `gitlabCaFile must hold certificates as PEM, and no private key, got "${gitlabCaFile}"`,
    );
  });

  it('is refused when there is no such file', () => {
    expect(() => rotationStack({ gitlabCaFile: '/none/ca.pem' })).toThrow('/none/ca.pem');
  });
});

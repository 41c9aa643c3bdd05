import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { App, Lazy, Stack, TimeZone } from 'aws-cdk-lib';
import { ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import {
  checkFunctionProps,
  checkTokenOptions,
} from '../../../../infra/construct/checks/values.ts';
import type { GitLabTokenRotationProps } from '../../../../infra/index.ts';

const PROXY = 'http://proxy.example.com:3128';

type Props = Partial<GitLabTokenRotationProps>;

const stack = new Stack(new App(), 'Test');
const role = Role.fromRoleName(stack, 'Role', 'mine');
const permissionsBoundary = ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'limit');

function check(props: Props): void {
  const all = { gitlabUrl: 'https://gitlab.example.com', ...props };
  checkFunctionProps(all);
  checkTokenOptions('', all);
}

// The parsers are those of the function, and have their own tests.
describe('the props of the function', () => {
  it.each<[Props, string]>([
    [
      { gitlabUrl: 'gitlab.example.com' },
      'gitlabUrl "gitlab.example.com" is not a URL: use one like https://gitlab.example.com',
    ],
    [{ gitlabUrl: 'http://localhost' }, 'gitlabUrl "http://localhost" must begin with https://'],
    [
      { projectId: 'project' },
      'projectId "project" must be the number of a project or its full path, like group/app, not URL-encoded',
    ],
    [
      { tokenField: 'tokenId' },
      'tokenField "tokenId" must not be one of tokenId, gitlabUrl, projectId, groupId, standby: these fields have another meaning',
    ],
    [
      { httpsProxy: 'proxy.example.com' },
      'httpsProxy "proxy.example.com" must be an http or https URL, like http://proxy.example.com:3128',
    ],
    [{ memorySize: 64 }, 'memorySize 64 must be a whole number of MiB from 128 to 10240'],
    [{ memorySize: 256.5 }, 'memorySize 256.5 must be a whole number of MiB from 128 to 10240'],
    [{ alertEmails: ['me'] }, 'alertEmails: "me" is not an e-mail address'],
    [
      { alertEmails: ['me@example.com', 'me@example.com'] },
      'alertEmails must not contain the same address twice',
    ],
    [
      { role, watchRole: role, permissionsBoundary },
      'permissionsBoundary is for new roles: set it on your roles instead',
    ],
    ...['6:00', '24:00', '06:60', '06:00 ', '06'].map((watchTime): [Props, string] => [
      { watchTime },
      `watchTime "${watchTime}" must be a time like 07:30, or false if there is no daily watch`,
    ]),
    ...['Europe/Berln', '+01:00'].map((zone): [Props, string] => [
      { watchTimeZone: TimeZone.of(zone) },
      `watchTimeZone "${zone}" must be the name of a time zone, like Europe/Berlin`,
    ]),
    [
      { watchTime: false, weeklyReport: true },
      'weeklyReport needs the daily watch: watchTime must not be false',
    ],
    [
      { watchTime: false, watchTimeZone: TimeZone.EUROPE_BERLIN },
      'watchTimeZone needs the daily watch: watchTime must not be false',
    ],
    [{ securityGroups: [] }, 'securityGroups needs vpc too'],
    [{ vpcSubnets: {} }, 'vpcSubnets needs vpc too'],
    [
      { memorySize: 64, watchTime: '6', securityGroups: [] },
      [
        'memorySize 64 must be a whole number of MiB from 128 to 10240',
        'watchTime "6" must be a time like 07:30, or false if there is no daily watch',
        'securityGroups needs vpc too',
      ].join('\n'),
    ],
  ])('refuses %o', (props, message) => {
    expect(() => check(props)).toThrow(new Error(message));
  });

  it('refuses an entry of noProxy that would have no effect', () => {
    expect(() => check({ noProxy: 'localhost,10.0.0.0/8' })).toThrow(
      'noProxy "localhost,10.0.0.0/8" contains an entry that has no effect',
    );
  });

  it.each(['gitlabUrl', 'httpsProxy', 'noProxy'])(
    'refuses credentials in %s without repeating them',
    (name) => {
      for (const url of ['https://user:word@example.com', 'user:word@example.com']) {
        expect(() => check({ [name]: url })).toThrow(
          new Error(`${name} must not contain a user name or a password`),
        );
      }
    },
  );

  it.each<Props>([
    { gitlabUrl: 'https://example.com:8443/gitlab/' },
    { projectId: '42' },
    { httpsProxy: 'http://proxy.example.com:3128' },
    { httpsProxy: PROXY, noProxy: 'gitlab.internal, .example.org' },
    { role, permissionsBoundary },
    { watchTime: false, weeklyReport: false },
    { watchTime: '23:59', watchTimeZone: TimeZone.AMERICA_ARGENTINA_BUENOS_AIRES },
    { memorySize: 128 },
    { memorySize: 10_240 },
    ...['gitlabUrl', 'httpsProxy', 'noProxy', 'projectId', 'tokenField'].map((name) => ({
      httpsProxy: PROXY,
      [name]: Lazy.string({ produce: () => 'not known at synthesis' }),
    })),
  ])('takes %o', (props) => {
    expect(() => check(props)).not.toThrow();
  });
});

describe('certificateAuthority', () => {
  it.each([
    ['no certificate', 'some text', 'no certificate or an invalid one'],
    [
      'a private key',
      `${rootCertificates[0]}\n-----BEGIN PRIVATE KEY-----\n`,
      'names a file with a private key: use a file of certificates only',
    ],
  ])('is refused with %s', async (_, content, message) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'ca-'));
    const certificateAuthority = join(folder.path, 'ca.pem');
    writeFileSync(certificateAuthority, content);

    expect(() => check({ certificateAuthority })).toThrow(message);
  });

  it('is refused when there is no such file', () => {
    expect(() => check({ certificateAuthority: '/none/ca.pem' })).toThrow(
      'certificateAuthority "/none/ca.pem" names a file that does not exist or cannot be read',
    );
  });
});

import { readFileSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examplesIn, readRotationFile, settingsError } from '../../../infra/app/rotation-file.ts';
import { jsonSchema } from '../../../infra/app/settings/schema.ts';
import { ROOT } from '../cdk-app.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/a-AbCdEf';
const GOOD = { gitlabUrl: 'https://gitlab.acme.dev', secrets: [{ name: 'app/a' }] };

async function read(text: string) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'rotation-'));
  const file = join(folder.path, 'rotation.json');
  await writeFile(file, text);
  return readRotationFile(file);
}

/** The lines of the refusal of a file, whose values stand in one line. */
async function problems(settings: unknown): Promise<readonly string[]> {
  const refusal = await read(JSON.stringify(settings)).catch((error: Error) => error.message);
  return String(refusal)
    .split('\n')
    .slice(1)
    .map((line) => line.replace('  line 1: ', ''));
}

function ids(kind: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index}`);
}

describe('rotation.json', () => {
  it('says how to begin where it is missing or empty', async () => {
    const begin = 'cp infra/rotation.example.json rotation.json';

    expect(() => readRotationFile(join(ROOT, 'no', 'rotation.json'))).toThrow(begin);
    await expect(read('\uFEFF \n')).rejects.toThrow(begin);
  });

  it('begins with the example, which says that it is one', () => {
    const example = readRotationFile(join(ROOT, 'infra', 'rotation.example.json'));

    expect(examplesIn(example)).toEqual([
      'gitlabUrl https://gitlab.example.com',
      'alertEmails[0] you@example.com',
    ]);
    expect(examplesIn({ ...GOOD, alertEmails: ['me@acme.dev'] })).toEqual([]);
  });

  it('has a schema for editors that is made from the one that checks it', async () => {
    // Written by: vitest run --config test/vitest.config.ts test/infra/app/rotation-file.test.ts --update
    await expect(jsonSchema()).toMatchFileSnapshot(join(ROOT, 'infra', 'rotation.schema.json'));
  });

  it('is not in the repository', () => {
    const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n');

    expect(ignored).toContain('rotation.json');
  });

  it.each([
    ['{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3: a comma is missing before this'],
    ['{\n  "a": [1,]\n}', 'line 2, column 11: a value must follow'],
    ['{ "a": 1, }', 'line 1, column 11: a name in double quotes must follow'],
    ['{ // mine\n}', 'line 1, column 3: JSON has no comments'],
    ['{ "a": tru }', 'line 1, column 8: this is no JSON value'],
    ['{ "a": 1', 'line 1, column 9: a closing brace } is missing'],
  ])('says where its syntax is wrong: %s', async (text, message) => {
    await expect(read(text)).rejects.toThrow(`rotation.json is not valid JSON: ${message}`);
  });

  it('says all that is wrong, each in its line', async () => {
    const text =
      '{\n  "gitlabUrl": "gitlab",\n  "secrets": [\n    { "name": "a", "tokenLifetimDays": 9 },\n    { "nam": "b" }\n  ]\n}';

    await expect(read(text)).rejects.toThrow(
      new Error(
        [
          'rotation.json has 3 errors:',
          '  line 2: gitlabUrl is not a URL: use one like https://gitlab.example.com, got "gitlab"',
          '  line 4: secrets[0].tokenLifetimDays is not a setting. Did you mean tokenLifetimeDays?',
          '  line 5: secrets[1].nam is not a setting. Did you mean name?',
        ].join('\n'),
      ),
    );
  });

  it.each<[object, string]>([
    [{ window: '3 hours' }, 'window must be whole hours, "1h" to "24h", got "3 hours"'],
    [{ window: '25h' }, 'window must be whole hours, "1h" to "24h", got "25h"'],
    [{ schedule: 'weekly' }, 'schedule must be a rate or cron expression, like'],
    [{ watchTime: '7:30' }, 'watchTime must be a time like "07:30", or false if there is no daily'],
    [{ watchTime: true }, 'watchTime must be a time like "07:30", or false if there is no daily'],
    [{ watchTimeZone: 1 }, 'watchTimeZone must be a text in double quotes, got 1'],
    [{ weeklyReport: 'yes' }, 'weeklyReport must be true or false, got "yes"'],
    [{ dashboard: 'no' }, 'dashboard must be true or false, got "no"'],
    [{ tokenLifetimeDays: '90' }, 'tokenLifetimeDays must be a number, got "90"'],
    [{ tokenLifetimeDays: 401 }, 'tokenLifetimeDays must be a whole number of days from 2 to 400'],
    [{ alternatingTokens: 'yes' }, 'alternatingTokens must be true or false, got "yes"'],
    [
      { alertEmails: 'me@acme.dev' },
      'alertEmails must be a list like ["platform@example.com"], got "me@acme.dev"',
    ],
    [
      { alertEmails: ['me'] },
      'alertEmails[0] must be an e-mail address, got "me". A chat subscribes to the topic',
    ],
    [{ logRetentionDays: 31 }, 'logRetentionDays must be one of 1, 3, 5, 7, 14, 30, 60,'],
    [{ memorySize: 64 }, 'memorySize must be at least 128, got 64'],
    [{ memorySize: 128.5 }, 'memorySize must be a whole number, got 128.5'],
    [{ secrets: [] }, 'secrets must not be empty'],
    [{ secrets: undefined }, 'secrets is missing. The secrets whose tokens rotate'],
    [{ gitlabUrl: undefined }, 'gitlabUrl is missing. The https URL of GitLab'],
    [
      { secrets: [null] },
      'secrets[0] must be an object like {"name":"app/gitlab-token","create":true}, got null',
    ],
    [
      { secrets: {} },
      'secrets must be a list like [{"name":"app/gitlab-token","create":true}], got {}',
    ],
    [{ vpc: 'vpc-1' }, 'vpc must be an object like {"id":"vpc-0123456789abcdef0","subnetIds":['],
    [
      { vpc: { id: 'vpc-1', subnetIds: 'subnet-1' } },
      'vpc.subnetIds must be a list like ["subnet-',
    ],
    [
      { vpc: { id: 'vpc-1', securityGroupIds: 1 } },
      'vpc.securityGroupIds must be a list like ["sg-',
    ],
    [
      { recoverySecret: ARN },
      'recoverySecret must be an object like {"arn":"arn:aws:secretsmanager:',
    ],
    [{ failureTopic: 'mine' }, 'failureTopic must be an object like {"arn":"arn:aws:sns:'],
    [
      { gitlabUrl: undefined, gitlabURL: 'x' },
      'gitlabURL is not a setting. Did you mean gitlabUrl?',
    ],
    [{ secrets: [{ Arn: ARN }] }, 'secrets[0].Arn is not a setting. Did you mean arn?'],
    [{ secrets: [{}] }, 'secrets[0] must have either name or arn, got neither'],
    [
      { secrets: [{ name: ARN }] },
      'secrets[0].name must be a name, and this is an ARN: give it as arn instead',
    ],
    [
      // Perhaps it would outlive the schedule.
      { secrets: [{ name: 'a', schedule: 'rate(200 days)', tokenLifetimDays: 300 }] },
      'secrets[0].tokenLifetimDays is not a setting. Did you mean tokenLifetimeDays?',
    ],
    [{ secrets: [{ name: 'a', arn: ARN }] }, 'secrets[0] must have either name or arn, got both'],
    [{ secrets: [{ arn: ARN, create: true }] }, 'secrets[0].create must not be true with arn'],
    [{ secrets: [{ name: 'a b' }] }, 'secrets[0].name must be the name of a secret'],
    [
      { secrets: [{ arn: 'app/a' }] },
      'secrets[0].arn is not the full ARN of a secret: give the name of a secret as name',
    ],
    [
      { secrets: [{ name: 'ci/gitlab-runner' }] },
      'secrets[0].name must not end with a hyphen and six characters',
    ],
    [
      { secrets: [{ name: 'app/a' }, { name: 'b' }, { arn: ARN }] },
      'secrets[2] is the same secret as secrets[0]: "app/a". Keep one of them',
    ],
    [{ vpc: { id: 'mine' } }, 'vpc.id must be the id of a VPC, like vpc-0123456789abcdef0'],
    [
      { vpc: { id: 'vpc-1', subnets: [] } },
      'vpc.subnets is not a setting. Did you mean subnetIds?',
    ],
    [
      { vpc: { id: 'vpc-1', securityGroupIds: ids('sg', 6) } },
      'vpc.securityGroupIds must have at most 5 entries, got 6',
    ],
    [
      { vpc: { id: 'vpc-1', subnetIds: ids('subnet', 17) } },
      'vpc.subnetIds must have at most 16 entries, got 17',
    ],
    [
      { vpc: { id: 'vpc-1', securityGroupIds: ['sg-1', 'sg-1'] } },
      'vpc.securityGroupIds[1] is there twice, got "sg-1"',
    ],
    [
      { vpc: { id: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2', 'subnet-1'] } },
      'vpc.subnetIds[2] is there twice, got "subnet-1"',
    ],
    [
      { alertEmails: ['a@acme.dev', 'a@acme.dev'] },
      'alertEmails[1] is there twice, got "a@acme.dev"',
    ],
    [{ roleArn: 'arn:aws:iam::123456789012:role/path/' }, 'roleArn must be the ARN of a role'],
    [{ roleArn: 'arn:aws:iam::123456789012:role/a b' }, 'roleArn must be the ARN of a role, like'],
    [
      { permissionsBoundaryArn: 'arn:aws:iam::aws:policy/a b' },
      'permissionsBoundaryArn must be the ARN of a managed policy, like',
    ],
    [
      { watch: false },
      'watch is not a setting. Did you mean watchTime, watchTimeZone or watchRoleArn?',
    ],
    [{ log: 1 }, 'log is not a setting. Did you mean logRetentionDays or logEncryptionKeyArn?'],
    [{ Memory: 1 }, 'Memory is not a setting. Did you mean memorySize?'],
    [{ gitlabUrl: undefined, gitlab: 'x' }, 'gitlab is not a setting. Did you mean gitlabUrl?'],
    [
      { secrets: [{ name: 'a', token: 'x' }] },
      'secrets[0].token is not a setting. Did you mean tokenLifetimeDays or tokenField?',
    ],
    [{ wa: 1 }, 'wa is not a setting. Known here: '],
    [{ frobnicate: 1 }, 'frobnicate is not a setting. Known here: stackName, gitlabUrl, '],
    [{ encryptionKey: 1 }, 'encryptionKey is not a setting. Known here: '],
  ])('refuses %o', async (settings, message) => {
    await expect(problems({ ...GOOD, ...settings })).resolves.toEqual([
      expect.stringContaining(message),
    ]);
  });

  it.each<[string, object, readonly string[]]>([
    [
      'a lifetime for all, with the secrets that need a longer one',
      {
        tokenLifetimeDays: 60,
        secrets: ['60', '70', '70', '30'].map((days, index) => ({
          name: `app/${index}`,
          schedule: `rate(${days} days)`,
        })),
      },
      [
        'tokenLifetimeDays 60 days must be at least 67 days: the longest time between two dates of rate(60 days), plus 7 days. Or rotate more often (for app/0); must be at least 77 days: the longest time between two dates of rate(70 days), plus 7 days. Or rotate more often (for app/1, app/2)',
      ],
    ],
    [
      'a schedule for all that the default lifetime is too short for',
      {
        schedule: 'rate(100 days)',
        secrets: Array.from({ length: 7 }, (_, index) => ({ name: `app/${index}` })),
      },
      [
        'tokenLifetimeDays 90 days, the default, must be at least 107 days: the longest time between two dates of rate(100 days), plus 7 days. Or rotate more often (for app/0, app/1, app/2, app/3, app/4 and 2 more)',
      ],
    ],
    [
      'a window for all that does not go with the schedule of one',
      { window: '3h', secrets: [{ name: 'app/0', schedule: 'cron(0 23 ? * SUN *)' }] },
      [
        'window 3 hours must be at most an hour with the schedule cron(0 23 ? * SUN *): a window must not reach the next one, nor go past midnight UTC (for app/0)',
      ],
    ],
    [
      'a schedule of one, with the default lifetime',
      { secrets: [{ name: 'app/0' }, { arn: ARN, schedule: 'rate(100 days)' }] },
      [
        expect.stringMatching(
          /^secrets\[1\]\.tokenLifetimeDays 90 days, the default, .*more often$/,
        ),
      ],
    ],
    [
      'two faults of one secret, and one that the schema finds',
      {
        memorySize: 64,
        secrets: [
          { name: 'app/0', schedule: 'cron(0 23 ? * SUN *)', window: '3h', tokenLifetimeDays: 9 },
        ],
      },
      [
        expect.stringContaining('memorySize must be at least 128'),
        expect.stringContaining('secrets[0].tokenLifetimeDays 9 days must be at least 14 days'),
        expect.stringContaining('secrets[0].window 3 hours must be at most an hour'),
      ],
    ],
  ])('refuses what does not go together, once: %s', async (_, settings, lines) => {
    expect([...(await problems({ ...GOOD, ...settings }))].sort()).toEqual(lines);
  });

  it('has lines for what the stack refuses too', async () => {
    const settings = await read(
      '{\n "gitlabUrl": "https://gitlab.acme.dev",\n "secrets": [\n  {"name": "a"},\n  {\n   "name": "b"}\n ]}',
    );

    expect(
      settingsError(
        ['no path', 'secrets[1].name is b', 'secrets: too many', 'gitlabUrl no', 'window none'],
        settings,
      ).message.split('\n'),
    ).toEqual([
      'rotation.json has 5 errors:',
      '  line 1: window none',
      '  line 2: gitlabUrl no',
      '  line 3: secrets: too many',
      '  line 6: secrets[1].name is b',
      '  no path',
    ]);
  });

  it('does not quote what may hold a password', async () => {
    const proxy = 'me:first@proxy.acme.dev';

    const lines = await problems({
      ...GOOD,
      gitlabUrl: `https://${proxy}`,
      httpsProxy: `http://${proxy}`,
      noProxy: proxy,
    });

    expect(lines).toEqual(
      ['gitlabUrl', 'httpsProxy', 'noProxy'].map(
        (key) => `${key} must not contain a user name or a password`,
      ),
    );
  });

  it('does not quote a text in the place of a secret, which may be a token of any form', async () => {
    expect(await problems({ ...GOOD, recoverySecret: 'my-token', secrets: ['my-token'] })).toEqual([
      expect.stringMatching(/^recoverySecret must be an object like .*, got a text$/),
      expect.stringMatching(/^secrets\[0\] must be an object like .*, got a text$/),
    ]);
  });

  it.each([
    ['secrets[0].name', { secrets: [{ name: 'TOKEN', create: true }] }],
    ['projectId', { projectId: 'TOKEN' }],
    ['stackName', { stackName: 'my_TOKEN' }],
    ['gitlabUrl', { gitlabUrl: 'https://gitlab.acme.dev/TOKEN' }],
    ['alertEmails[1]', { alertEmails: ['a@acme.dev', 'TOKEN'] }],
    ['secrets[0].token', { secrets: [{ name: 'app/a', token: 'TOKEN' }] }],
    ['secrets[0]', { secrets: [{ name: 'app/a', TOKEN: true }] }],
  ])('neither takes nor quotes a token: %s', async (path, settings) => {
    const token = ['glpat', 'abcDEF123456abcDEF12'].join('-');
    const text = JSON.stringify({ ...GOOD, ...settings }).replaceAll('TOKEN', token);

    const message = await read(text).then(String, String);

    expect(message).toContain(`${path} holds a GitLab token. Take it out, and revoke it`);
    expect(message).not.toContain(token);
  });

  it('refuses a member that is there twice, of which the first would be lost', async () => {
    const text = `{"gitlabUrl": "https://a.dev", "secrets": [{"name": "a"}],\n"gitlabUrl": "https://b.dev"}`;

    await expect(read(text)).rejects.toThrow('gitlabUrl is there twice');
  });
});

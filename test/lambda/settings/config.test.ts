import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { RotationError } from '../../../lambda/failure.ts';
import { loadConfig, readTopicArn } from '../../../lambda/settings/config.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:failures';
const RECOVERY = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:recovery-AbCdEf';
const ENV = {
  GITLAB_URL: 'https://gitlab.example.com',
  FAILURE_TOPIC_ARN: TOPIC,
  TOKEN_LIFETIME_DAYS: '90',
};
/** What somebody may have put into the wrong variable. */
const MISPLACED = 'a-token-in-the-wrong-place';

const folder = mkdtempSync(join(tmpdir(), 'config-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe(loadConfig, () => {
  it('needs three variables', () => {
    expect(loadConfig(ENV)).toStrictEqual({
      gitlabUrl: 'https://gitlab.example.com',
      failureTopicArn: TOPIC,
      lifetimeDays: 90,
      tokenField: 'token',
      secretSettings: new Map(),
    });
  });

  it('takes the others where they are given', () => {
    const [certificate = ''] = rootCertificates;
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, certificate);

    const config = loadConfig({
      ...ENV,
      TOKEN_FIELD: 'gitlab_token',
      GITLAB_PROJECT_ID: 'group/app',
      ALTERNATING_TOKENS: 'true',
      SECRET_SETTINGS: '{"app/token":{"tokenLifetimeDays":60}}',
      RECOVERY_SECRET_ARN: RECOVERY,
      GITLAB_CA_FILE: caFile,
      HTTPS_PROXY: 'http://user:word@proxy.example.com:3128',
      NO_PROXY: 'localhost,.example.org',
    });

    expect(config).toMatchObject({
      tokenField: 'gitlab_token',
      projectId: 'group/app',
      alternatingTokens: true,
      secretSettings: new Map([['app/token', { lifetimeDays: 60 }]]),
      recoverySecretArn: RECOVERY,
      ca: certificate,
      httpsProxy: 'http://user:word@proxy.example.com:3128',
      noProxy: 'localhost,.example.org',
    });
  });

  it('ignores white space, and takes what is empty for absent', () => {
    const config = loadConfig({
      GITLAB_URL: ' https://gitlab.example.com\n',
      FAILURE_TOPIC_ARN: `${TOPIC} `,
      TOKEN_LIFETIME_DAYS: '\t90',
      TOKEN_FIELD: ' ',
      GITLAB_PROJECT_ID: '',
      ALTERNATING_TOKENS: '',
      SECRET_SETTINGS: ' ',
      RECOVERY_SECRET_ARN: ' ',
      GITLAB_CA_FILE: '',
      HTTPS_PROXY: ' ',
      NO_PROXY: undefined,
    });

    expect(config).toStrictEqual(loadConfig(ENV));
  });

  it('lets the proxy variables in lower case go first, unless they are empty', () => {
    const upper = { HTTPS_PROXY: 'http://upper.example.com', NO_PROXY: 'upper.example.com' };
    const lower = { https_proxy: 'http://lower.example.com', no_proxy: 'lower.example.com' };
    const empty = { https_proxy: '', no_proxy: ' ' };

    expect(loadConfig({ ...ENV, ...upper, ...lower })).toMatchObject({
      httpsProxy: 'http://lower.example.com',
      noProxy: 'lower.example.com',
    });
    expect(loadConfig({ ...ENV, ...upper, ...empty })).toMatchObject({
      httpsProxy: 'http://upper.example.com',
      noProxy: 'upper.example.com',
    });
  });

  it('refuses exceptions from the proxy that would have no effect, and does not quote them', () => {
    const failure = failureOf({ ...ENV, NO_PROXY: `localhost,10.0.0.0/8,${MISPLACED};` });

    expect(failure).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('NO_PROXY contains an entry that has no effect'),
      details: { variables: ['NO_PROXY'] },
    });
    expect(failure.message).not.toContain(MISPLACED);
  });

  it('says of each missing variable what it must be', () => {
    expect(failureOf({})).toMatchObject({
      code: 'CONFIG_INVALID',
      message:
        'CONFIG_INVALID: GITLAB_URL is missing: set it to the https URL of GitLab; ' +
        'FAILURE_TOPIC_ARN is missing: set it to the ARN of an SNS topic; ' +
        'TOKEN_LIFETIME_DAYS is missing: set it to a number of days',
      details: { variables: ['GITLAB_URL', 'FAILURE_TOPIC_ARN', 'TOKEN_LIFETIME_DAYS'] },
    });
  });

  it('tells every problem at once and quotes no value', () => {
    const failure = failureOf({
      GITLAB_URL: MISPLACED,
      FAILURE_TOPIC_ARN: MISPLACED,
      TOKEN_LIFETIME_DAYS: MISPLACED,
      TOKEN_FIELD: `"${MISPLACED}"`,
      GITLAB_PROJECT_ID: MISPLACED,
      ALTERNATING_TOKENS: MISPLACED,
      SECRET_SETTINGS: MISPLACED,
      RECOVERY_SECRET_ARN: MISPLACED,
      GITLAB_CA_FILE: MISPLACED,
      HTTPS_PROXY: MISPLACED,
    });

    expect(failure.details['variables']).toStrictEqual([
      'GITLAB_URL',
      'FAILURE_TOPIC_ARN',
      'TOKEN_LIFETIME_DAYS',
      'TOKEN_FIELD',
      'GITLAB_PROJECT_ID',
      'ALTERNATING_TOKENS',
      'SECRET_SETTINGS',
      'RECOVERY_SECRET_ARN',
      'GITLAB_CA_FILE',
      'HTTPS_PROXY',
    ]);
    expect(failure.message.split('; ')).toHaveLength(10);
    expect(JSON.stringify([failure.message, failure.details])).not.toContain(MISPLACED);
  });

  it('names the spelling that was used', () => {
    const failure = failureOf({ ...ENV, https_proxy: MISPLACED });

    expect(failure.details).toStrictEqual({ variables: ['https_proxy'] });
  });
});

describe(readTopicArn, () => {
  it('reads the topic where all the rest is missing', () => {
    expect(readTopicArn({ FAILURE_TOPIC_ARN: ` ${TOPIC}` })).toBe(TOPIC);
  });

  it.each([undefined, '', MISPLACED])('reads none from %o', (value) => {
    expect(readTopicArn({ ...ENV, FAILURE_TOPIC_ARN: value })).toBeUndefined();
  });
});

function failureOf(env: Parameters<typeof loadConfig>[0]): RotationError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof RotationError) {
      return error;
    }
  }
  throw new Error('loadConfig found no problem');
}

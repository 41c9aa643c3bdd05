import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import {
  parseAlternatingTokens,
  parseCaFile,
  parseFunctionArn,
  parseGitLabUrl,
  parseLifetimeDays,
  parseNoProxy,
  parseProjectId,
  parseProxyUrl,
  parseRecoverySecretArn,
  parseTokenField,
  parseTopicArn,
} from '../../../lambda/settings/variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'variables-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe(parseGitLabUrl, () => {
  it.each([
    ['https://gitlab.example.com', 'https://gitlab.example.com'],
    ['https://gitlab.example.com/', 'https://gitlab.example.com'],
    ['https://gitlab.example.com/git//', 'https://gitlab.example.com/git'],
    ['HTTPS://GitLab.Example.com:443/Git', 'https://gitlab.example.com/Git'],
    ['https://gitlab.example.com:8443', 'https://gitlab.example.com:8443'],
    ['https://example.com/api-tools', 'https://example.com/api-tools'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['http://127.1.2.3', 'http://127.1.2.3'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('reads %s as %s', (text, url) => {
    expect(parseGitLabUrl(text)).toBe(url);
  });

  it.each([
    ['gitlab.example.com', /^is not a URL: use one like https:/],
    ['//gitlab.example.com', /^is not a URL/],
    ['https://', /^is not a URL/],
    ['https://gitlab,example.com', /^has a host name that cannot exist: /],
    ['https://gitlab.example.com;8443', /^has a host name that cannot exist: /],
    ['http://gitlab.example.com', /^must begin with https:.*loopback only/],
    ['http://127.0.0.1.example.com', /^must begin with https:/],
    ['http://localhost.example.com', /^must begin with https:/],
    ['http://not-localhost', /^must begin with https:/],
    ['ftp://localhost', /^must begin with https:/],
    ['gitlab.example.com:8443', /^must begin with https:/],
    ['https://user@gitlab.example.com', /^must not contain credentials/],
    ['https://:word@gitlab.example.com', /^must not contain credentials/],
    ['https://gitlab.example.com?private_token=first', /a query/],
    ['https://gitlab.example.com#top', /or a fragment$/],
    ['https://gitlab.example.com/api/v4', /without \/api\/v4$/],
    ['https://gitlab.example.com/api/v10', /without \/api\/v4$/],
    ['https://gitlab.example.com/git/api/', /without \/api\/v4$/],
  ])('refuses %s', (text, problem) => {
    expect(parseGitLabUrl(text)).toStrictEqual({ problem: expect.stringMatching(problem) });
  });
});

describe(parseAlternatingTokens, () => {
  it('reads true and false', () => {
    expect(['true', 'false'].map(parseAlternatingTokens)).toEqual([true, false]);
  });

  it.each(['True', 'yes', '1', 'true false'])('refuses %s', (text) => {
    expect(parseAlternatingTokens(text)).toStrictEqual({ problem: 'must be true or false' });
  });
});

describe(parseTopicArn, () => {
  it.each([
    'arn:aws:sns:eu-central-1:111122223333:failures',
    'arn:aws-us-gov:sns:us-gov-west-1:111122223333:Failures_1-2',
  ])('takes %s', (arn) => {
    expect(parseTopicArn(arn)).toBe(arn);
  });

  it.each([
    'failures',
    'topic arn:aws:sns:eu-central-1:111122223333:failures',
    'arn:aws:sqs:eu-central-1:111122223333:failures',
    'arn:aws:sns:eu-central-1:111122223333:failures:6f2b8a1e-52a5-4bd3-9f64-0d4a30f1a1c1',
    'arn:aws:sns:eu-central-1:1111:failures',
    'arn:aws:sns::111122223333:failures',
  ])('refuses %s', (arn) => {
    expect(parseTopicArn(arn)).toStrictEqual({
      problem: expect.stringMatching(/^is not the ARN of an/),
    });
  });

  it('refuses a FIFO topic, which would need more than a message', () => {
    expect(parseTopicArn('arn:aws:sns:eu-central-1:111122223333:failures.fifo')).toStrictEqual({
      problem: 'is a FIFO topic: use a standard topic',
    });
  });
});

describe(parseFunctionArn, () => {
  it.each([
    'arn:aws:lambda:eu-central-1:123456789012:function:rotation',
    'arn:aws-us-gov:lambda:us-gov-east-1:123456789012:function:a_b-1',
  ])('takes %s', (arn) => {
    expect(parseFunctionArn(arn)).toBe(arn);
  });

  it.each(['rotation', 'arn:aws:lambda:eu-central-1:123456789012:function:rotation:live'])(
    'refuses %s',
    (arn) => {
      expect(parseFunctionArn(arn)).toStrictEqual({
        problem:
          'is not the ARN of a function without a version, like arn:aws:lambda:eu-central-1:123456789012:function:rotation',
      });
    },
  );
});

describe(parseRecoverySecretArn, () => {
  it.each([
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:recovery-AbCdEf',
    'arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:team/a_b+c=d.e@f-1a2B3c',
    `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${'x'.repeat(512)}-AbCdEf`,
  ])('takes %s', (arn) => {
    expect(parseRecoverySecretArn(arn)).toBe(arn);
  });

  it.each([
    'recovery',
    'recovery-AbCdEf',
    'secret arn:aws:secretsmanager:eu-central-1:111122223333:secret:recovery-AbCdEf',
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:recovery',
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:-AbCdEf',
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:recovery-??????',
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:recovery-AbCdEf:token',
    `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${'x'.repeat(513)}-AbCdEf`,
    'arn:aws:secretsmanager:eu-central-1:1111:secret:recovery-AbCdEf',
    'arn:aws:secretsmanager::111122223333:secret:recovery-AbCdEf',
    'arn:aws:ssm:eu-central-1:111122223333:secret:recovery-AbCdEf',
  ])('refuses %s', (arn) => {
    expect(parseRecoverySecretArn(arn)).toStrictEqual({
      problem: expect.stringMatching(
        /^is not the full ARN of a secret, which ends with a hyphen and six characters/,
      ),
    });
  });
});

describe(parseLifetimeDays, () => {
  it.each([
    ['2', 2],
    ['090', 90],
    ['400', 400],
  ])('reads %s', (text, days) => {
    expect(parseLifetimeDays(text)).toBe(days);
  });

  it.each(['1', '401', '0', '-5', '999999999'])('refuses %s and tells it', (text) => {
    expect(parseLifetimeDays(text)).toStrictEqual({
      problem: `must be a whole number of days from 2 to 400, got ${text}`,
    });
  });

  it.each(['ninety', '90.5', '90 days', '9e1', '0x5a', '1234567890'])(
    'refuses %s without telling it',
    (text) => {
      expect(parseLifetimeDays(text)).toStrictEqual({
        problem: 'must be a whole number of days from 2 to 400',
      });
    },
  );
});

describe(parseTokenField, () => {
  it.each(['token', 'GITLAB_TOKEN', 'ci.token', 'access token', 'Schlüssel', 'x'.repeat(64)])(
    'takes %s',
    (text) => {
      expect(parseTokenField(text)).toBe(text);
    },
  );

  it.each(['tokenId', 'gitlabUrl', 'projectId', 'groupId', 'standby'])(
    'refuses %s, which means something else',
    (text) => {
      expect(parseTokenField(text)).toStrictEqual({
        problem:
          'must not be one of tokenId, gitlabUrl, projectId, groupId, standby: these fields have another meaning',
      });
    },
  );

  it.each(['a"b', 'a\\b', 'a\nb', 'x'.repeat(65)])('refuses %o', (text) => {
    expect(parseTokenField(text)).toStrictEqual({
      problem: expect.stringMatching(/^must be 1 to 64/),
    });
  });
});

describe(parseProjectId, () => {
  it.each(['1', '278964', 'group/app', 'group/sub.group/my-app_1'])('takes %s', (text) => {
    expect(parseProjectId(text)).toBe(text);
  });

  it.each([
    '0',
    '01',
    '-1',
    '1.5',
    'app',
    'group%2Fapp',
    'group/',
    '/app',
    'group/../app',
    'a b/c',
  ])('refuses %s', (text) => {
    expect(parseProjectId(text)).toStrictEqual({
      problem: 'must be the number of a project or its full path, like group/app, not URL-encoded',
    });
  });
});

describe(parseCaFile, () => {
  const [first = '', second = ''] = rootCertificates;

  it('reads the certificates and nothing else of the file', () => {
    const path = fileWith(`# our CA\n${first}\r\nIssuer: somebody\n${second}\n`);

    expect(parseCaFile(path)).toBe(`${first}\n${second}`);
  });

  it('refuses a path where no file is', () => {
    expect(parseCaFile(join(folder, 'absent.pem'))).toStrictEqual({
      problem: 'names a file that does not exist or cannot be read',
    });
  });

  it.each([
    ['is empty', ''],
    ['holds something else', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
    ['is cut off', first.slice(0, -30)],
    ['holds a certificate that cannot be read', first.replace(/\nMII/, '\nAAA')],
    ['holds a good one and one that cannot be read', `${second}\n${first.replace('MII', 'AAA')}`],
  ])('refuses a file that %s', (_what, content) => {
    expect(parseCaFile(fileWith(content))).toStrictEqual({
      problem: expect.stringMatching(/^names a file with no certificate or an invalid one/),
    });
  });
});

describe(parseProxyUrl, () => {
  it.each(['http://proxy.example.com:3128', 'https://user:word@proxy.example.com'])(
    'takes %s',
    (text) => {
      expect(parseProxyUrl(text)).toBe(text);
    },
  );

  it.each(['proxy.example.com', 'proxy.example.com:3128', 'socks5://proxy.example.com', 'http://'])(
    'refuses %s',
    (text) => {
      expect(parseProxyUrl(text)).toStrictEqual({
        problem: 'must be an http or https URL, like http://proxy.example.com:3128',
      });
    },
  );

  it('refuses credentials that nobody can decode', () => {
    expect(parseProxyUrl('http://user:100%@proxy.example.com')).toStrictEqual({
      problem: 'contains credentials that are not URL-encoded: write a percent sign as %25',
    });
  });
});

describe(parseNoProxy, () => {
  it.each(['gitlab.example.com', '.example.com, *.example.org:8443 10.0.0.1', '*'])(
    'takes %s',
    (text) => {
      expect(parseNoProxy(text)).toBe(text);
    },
  );

  it.each([
    '10.0.0.0/8',
    'localhost,10.0.0.0/8',
    'a.example.com;b.example.com',
    'https://a.example',
  ])('refuses %s, and quotes it not', (text) => {
    expect(parseNoProxy(text)).toStrictEqual({
      problem: expect.stringMatching(/^contains an entry that has no effect: use /),
    });
  });
});

let files = 0;

function fileWith(content: string): string {
  files += 1;
  const path = join(folder, `${files}.pem`);
  writeFileSync(path, content);
  return path;
}

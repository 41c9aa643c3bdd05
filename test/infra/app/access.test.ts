import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accessProblem as problemOf } from '../../../infra/app/access.ts';

/** As the toolkit throws it, whatever the reason. */
const UNRESOLVED = Object.assign(new Error('Unable to resolve'), { name: 'UnresolvedAccount' });

function accessProblem(error: unknown, profile?: string) {
  return problemOf(error, { command: 'npm run deploy', profile });
}

function stub(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    vi.stubEnv(name, value);
  }
}

/** An endpoint that answers each request with this error. */
async function startAws(type: string, status = 400) {
  const server = createServer((_, response) => {
    response.statusCode = status;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ __type: type, message: 'the text of AWS' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stub({ AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  return {
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

beforeEach(() => {
  stub({
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/none/config',
    AWS_SHARED_CREDENTIALS_FILE: '/none/credentials',
    AWS_PROFILE: undefined,
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('where the toolkit has no access to AWS, the user learns', () => {
  it('that there are no credentials', async () => {
    stub({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });

    expect(await accessProblem(UNRESOLVED)).toBe(
      'There are no AWS credentials (CredentialsProviderError). Log in until this works: aws sts get-caller-identity. Or choose a profile: npm run deploy -- --profile <name>',
    );
  });

  it.each([
    ['--profile', 'my own', {}, "aws --profile 'my own'"],
    ['AWS_PROFILE', undefined, { AWS_PROFILE: 'my own' }, 'aws'],
  ])('that the profile of %s is wrong', async (_, profile, variables, aws) => {
    stub({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, ...variables });

    expect(await accessProblem(UNRESOLVED, profile)).toBe(
      `The AWS profile my own does not exist, or has no credentials (CredentialsProviderError). Choose one of these: aws configure list-profiles. Log in until this works: ${aws} sts get-caller-identity`,
    );
  });

  it('that there is no network', async () => {
    stub({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });

    expect(await accessProblem(UNRESOLVED)).toContain(
      'AWS cannot be reached (ECONNREFUSED). Check',
    );
  });

  it.each([
    ['ExpiredTokenException', 'The AWS credentials have expired (ExpiredTokenException). Log in'],
    [
      'UnrecognizedClientException',
      'The AWS credentials are not accepted by AWS (UnrecognizedClientException). Log in',
    ],
    [
      'AccessDeniedException',
      'AWS accepts the credentials, but the CDK cannot use them (UnresolvedAccount). Look whether',
    ],
    ['ThrottlingException', 'AWS accepts the credentials, but the CDK cannot use them'],
  ])('what AWS says of the credentials: %s', async (type, message) => {
    await using _ = await startAws(type);

    const problem = await accessProblem(UNRESOLVED);

    expect(problem).toContain(message);
    expect(problem).not.toContain('the text of AWS');
  });

  it('that the roles of the bootstrap are missing, or do not trust', async () => {
    await using _ = await startAws('ResourceNotFoundException');
    const file = join(mkdtempSync(join(tmpdir(), 'aws-')), 'config');
    writeFileSync(file, '[profile ops]\naws_access_key_id = AKIA\naws_secret_access_key = key\n');
    stub({ AWS_CONFIG_FILE: file });
    const error = Object.assign(new Error('Could not assume role'), { name: 'AssumeRoleFailed' });

    expect(await accessProblem(error, 'ops')).toBe(
      'AWS accepts the credentials, but the CDK cannot use them (AssumeRoleFailed). It needs the roles of its bootstrap in this account and region, and the permission sts:AssumeRole on them. Bootstrap once: npx cdk bootstrap aws://<account>/<region> --profile ops. If the credentials are of another account, add --trust <that account>',
    );
  });

  it('the same without a region, and with a profile beside the keys, which come first', async () => {
    await using _ = await startAws('ResourceNotFoundException');
    stub({ AWS_REGION: undefined, AWS_PROFILE: 'nobody' });

    expect(await accessProblem(UNRESOLVED)).toContain('AWS accepts the credentials');
  });

  it('that AWS does not say why, if it does not answer as AWS does', async () => {
    await using _ = await startAws('InternalServiceError', 500);

    expect(await accessProblem(UNRESOLVED)).toContain(
      'The CDK cannot use the AWS credentials (UnresolvedAccount), and AWS does not say why (Intern',
    );
  });

  it.each(['ENOTFOUND', 'SELF_SIGNED_CERT_IN_CHAIN'])(
    'that AWS was lost in the middle: %s',
    async (code) => {
      const cause = new AggregateError([Object.assign(new Error('to a host'), { code })]);

      expect(await accessProblem(new Error('Stack: failed', { cause }))).toContain(
        `AWS cannot be reached (${code}). Check the network, the VPN and HTTPS_PROXY.`,
      );
    },
  );

  it('nothing of other errors', async () => {
    expect(await accessProblem(new Error('ROLLBACK_COMPLETE'))).toBeUndefined();
  });
});

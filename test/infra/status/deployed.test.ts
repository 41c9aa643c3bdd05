import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import type { AwsAccess } from '../../../infra/app/access.ts';
import type { RotationSettings } from '../../../infra/app/settings/schema.ts';
import { GitLabTokenRotationStack } from '../../../infra/app/stack.ts';
import { askWatch } from '../../../infra/status/ask-watch.ts';
import { findWatch, secretsOf } from '../../../infra/status/deployed.ts';
import { createApp } from '../cdk-app.ts';
import {
  ACCESS,
  type AwsProps,
  functionError,
  lambdaError,
  reportOf,
  rotationFile,
  stackError,
  stackWith,
  startAws,
  WATCH_ARN,
} from './aws.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/c-AbCdEf';

async function ask(
  settings: Partial<RotationSettings> = {},
  names: readonly string[] = [],
  access: AwsAccess = ACCESS,
  profile?: string,
) {
  await using watch = await findWatch({
    findAccess: async () => access,
    profile,
    names,
    rotationFile: rotationFile(settings),
  });
  return await askWatch(watch);
}

describe('npm run status on AWS', () => {
  it('invokes the watch of the stack, which sends nothing, with all secrets', async () => {
    const { calls, events } = await startAws();

    const report = await ask({ secrets: [{ name: 'app/a' }, { arn: ARN }] });

    expect(report).toEqual(reportOf([]));
    expect(events).toEqual([{ secrets: ['app/a', ARN], quiet: true }]);
    expect(calls.map(({ operation }) => operation)).toEqual(['DescribeStacks', 'Invoke']);
    expect(decodeURIComponent(calls[1]?.path ?? '')).toContain(WATCH_ARN);
  });

  it('asks for the secrets with the given names only', async () => {
    const { events } = await startAws();

    await ask({ secrets: [{ name: 'app/a' }, { name: 'app/b' }, { arn: ARN }] }, [
      'app/c',
      'app/a',
    ]);

    expect(events).toMatchObject([{ secrets: ['app/a', ARN] }]);
  });

  it('has the secrets that the schedule gives to the watch', () => {
    const settings: RotationSettings = {
      gitlabUrl: 'https://gitlab.acme.dev',
      secrets: [{ name: 'app/a' }, { name: 'app/b', create: true }, { arn: ARN }],
    };
    const template = Template.fromStack(new GitLabTokenRotationStack(createApp(), settings));
    const [schedule] = Object.values(template.findResources('AWS::Scheduler::Schedule'));
    const input = JSON.stringify(schedule?.['Properties'].Target.Input);
    const secrets = Object.entries(template.findResources('AWS::SecretsManager::Secret'));
    // A secret that is created here is there by the ARN that it will have.
    const named = secrets.reduce(
      (text, [id, { Properties }]) => text.replace(`",{"Ref":"${id}"},"`, () => Properties.Name),
      input,
    );

    expect(named).toContain(JSON.stringify(JSON.stringify(secretsOf(settings))).slice(1, -1));
  });

  it.each<[string, AwsProps, RegExp]>([
    [
      'there is no stack',
      { stack: stackError('ValidationError', 'Stack with id GitLabTokenRotation does not exist') },
      /^The stack GitLabTokenRotation in eu-west-1 does not exist\. Deploy it \(npm run deploy\)/,
    ],
    [
      'the stack has no watch',
      { stack: stackWith({ FunctionArn: 'arn' }) },
      /^The stack GitLabTokenRotation in eu-west-1 has no watch yet.*npm run deploy$/,
    ],
    [
      'the credentials are too old',
      { stack: stackError('ExpiredToken', 'expired', 403) },
      /^The AWS credentials have expired \(ExpiredToken\)\. Log in until this works: aws sts get/,
    ],
    [
      'the credentials are wrong',
      { stack: stackError('InvalidClientTokenId', 'no', 403) },
      /^The AWS credentials are not accepted by AWS \(InvalidClientTokenId\)\. Log in/,
    ],
    [
      'the stack may not be seen',
      { stack: stackError('AccessDenied', 'no', 403) },
      /^The credentials may not call cloudformation:DescribeStacks on GitLabTokenRotation\./,
    ],
    [
      'the watch may not be invoked',
      { invocation: lambdaError(403, 'AccessDeniedException') },
      /^The credentials may not call lambda:InvokeFunction on arn:aws:lambda:.*:watch\./,
    ],
    [
      'the watch was deleted',
      { invocation: lambdaError(404, 'ResourceNotFoundException') },
      /^The watch arn:.*:watch was deleted.*deploy it again, as README\.md says/,
    ],
    [
      'AWS refuses for another reason',
      { invocation: lambdaError(400, 'InvalidRuntimeException') },
      /^lambda:InvokeFunction on arn:.* failed\. AWS or the SDK says: InvalidRuntimeException$/,
    ],
    [
      'the watch failed',
      { invocation: functionError('RotationError', 'CONFIG_INVALID: GITLAB_URL is not set') },
      /^The watch failed: CONFIG_INVALID: GITLAB_URL is not set\n.*runbook\.md.*aws logs tail /s,
    ],
    [
      'the watch reached its time-out',
      {
        invocation: functionError('Sandbox.Timedout', 'Error: Task timed out after 900.00 seconds'),
      },
      /^The watch reached its time-out.*npm run status -- <name>.*aws logs tail /s,
    ],
    [
      'the report is too large',
      {
        invocation: functionError(
          'Function.ResponseSizeTooLarge',
          'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
        ),
      },
      /^The report is larger than 6 MB.*npm run status -- <name>/,
    ],
    [
      'the function has crashed without a word',
      { invocation: { ...functionError('', ''), body: 'nonsense' } },
      /^The watch failed: no reason given\n/,
    ],
    [
      'the watch is of another version',
      { invocation: { status: 200, headers: {}, body: '{"secrets":[{"name":"app/a"}]}' } },
      /^The watch has answered with something else than a report.*npm run deploy$/,
    ],
    [
      'the answer is no JSON',
      { invocation: { status: 200, headers: {}, body: 'nonsense' } },
      /^The watch has answered with something else/,
    ],
  ])('says what to do if %s', async (_, aws, message) => {
    await startAws(aws);

    await expect(ask()).rejects.toThrow(message);
  });

  it('says what to do without a network, in the words of npm run deploy', async () => {
    await startAws();
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');

    await expect(ask()).rejects.toThrow(
      /^AWS cannot be reached \(ECONNREFUSED\)\. Check the network, the VPN and HTTPS_PROXY/,
    );
  });

  it('says what to do without credentials', async () => {
    const { calls } = await startAws();
    const credentials = () => {
      const error = new Error('Could not load credentials from any providers');
      return Promise.reject(Object.assign(error, { name: 'CredentialsProviderError' }));
    };

    await expect(ask({}, [], { ...ACCESS, credentials })).rejects.toThrow(
      /^There are no AWS credentials \(CredentialsProviderError\).* npm run status -- --profile/,
    );
    await expect(ask({}, [], { ...ACCESS, credentials }, 'ops')).rejects.toThrow(
      /^The AWS profile ops does not exist, or has no .* aws --profile ops sts get-caller-identity$/,
    );
    expect(calls).toEqual([]);
  });

  it('says what to do without secrets, and with a name that is none of them', async () => {
    const { calls } = await startAws();

    await expect(ask({ secrets: [] })).rejects.toThrow(/^rotation\.json has an error:\n.*secrets/);
    await expect(ask({}, ['app/a', 'app/z'])).rejects.toThrow(
      'rotation.json has no secret app/z. It has: app/a, app/b',
    );
    expect(calls).toEqual([]);
  });
});

import { App, Duration } from 'aws-cdk-lib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readContext } from '../../infra/context.ts';
import { CDK_CONTEXT, RECOVERY_SECRET_ARN } from './cdk-app.ts';

const GIVEN = { gitlabUrl: 'https://gitlab.example.com', secretName: 'my-token' };

function read(context: Record<string, unknown>) {
  return readContext(new App({ context }).node);
}

describe('readContext', () => {
  it('creates a secret of the name that is given', () => {
    expect(read(GIVEN)).toEqual({
      gitlabUrl: 'https://gitlab.example.com',
      secret: { create: 'my-token' },
    });
  });

  it('uses an existing secret rather than creating one', () => {
    const props = read({ ...GIVEN, existingSecret: 'team/my-token' });

    expect(props.secret).toEqual({ existing: 'team/my-token' });
  });

  it('reads days as durations, whether cdk.json has a number or the command line a text', () => {
    const props = read({ ...GIVEN, intervalDays: 7, tokenLifetimeDays: '30' });

    expect(props.interval?.toDays()).toBe(7);
    expect(props.tokenLifetime).toEqual(Duration.days(30));
  });

  it('reads true and false, of either kind', () => {
    expect(read({ ...GIVEN, alternatingTokens: 'true' })).toMatchObject({
      alternatingTokens: true,
    });
    expect(read({ ...GIVEN, alternatingTokens: false })).toMatchObject({
      alternatingTokens: false,
    });
  });

  it('passes everything else on as it is', () => {
    const others = {
      encryptionKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1',
      recoverySecretArn: RECOVERY_SECRET_ARN,
      recoverySecretKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/2',
      alertEmail: 'team@example.com',
      scheduleExpression: 'cron(0 4 ? * SUN *)',
      tokenField: 'password',
      projectId: '42',
      gitlabCaFile: 'ca.pem',
      httpsProxy: 'http://proxy.example.com',
      noProxy: 'localhost',
      stackName: 'MyToken',
    };

    expect(read({ ...GIVEN, ...others })).toMatchObject(others);
  });

  it('deploys to where the credentials lead when a VPC must be looked up there', () => {
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    vi.stubEnv('CDK_DEFAULT_ACCOUNT', '123456789012');
    vi.stubEnv('CDK_DEFAULT_REGION', 'eu-west-1');

    const props = read({ ...GIVEN, vpcId: 'vpc-1' });

    expect(props).toMatchObject({
      vpcId: 'vpc-1',
      env: { account: '123456789012', region: 'eu-west-1' },
    });
  });

  it('takes the examples of cdk.json, beside the flags of CDK', () => {
    expect(read(CDK_CONTEXT).gitlabUrl).toBe('https://gitlab.example.com');
  });

  it.each([
    [
      { secretName: 'my-token' },
      'context gitlabUrl is missing: pass -c gitlabUrl=https://gitlab.example.com, or set it in cdk.json',
    ],
    [
      { gitlabUrl: 'https://gitlab.example.com', secretName: ' ' },
      'context secretName is missing: pass -c secretName=my-project/gitlab-token, or set it in cdk.json',
    ],
    [{ ...GIVEN, intervalDays: '7d' }, 'intervalDays must be a whole number of days, got "7d"'],
    [{ ...GIVEN, alternatingTokens: 'yes' }, 'alternatingTokens must be true or false, got "yes"'],
  ])('refuses %o', (context, message) => {
    expect(() => read(context)).toThrow(new Error(message));
  });

  it('refuses a key that it does not know, lest the example of cdk.json be deployed', () => {
    expect(() => read({ ...GIVEN, gitLabUrl: 'https://other.example.com' })).toThrow(
      /^unknown context gitLabUrl; known are gitlabUrl, secretName, /,
    );
  });
});

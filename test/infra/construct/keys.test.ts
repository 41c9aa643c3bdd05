import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import type { GitLabTokenRotationProps } from '../../../infra/index.ts';
import {
  createApp,
  HERE,
  printedStatements,
  rotationOf,
  statementsOf,
  warningsOf,
} from '../cdk-app.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012';
const USE_BY_LOGS = {
  Effect: 'Allow',
  Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
  Action: [
    'kms:Decrypt*',
    'kms:Describe*',
    'kms:Encrypt*',
    'kms:GenerateDataKey*',
    'kms:ReEncrypt*',
  ],
  Resource: '*',
  Condition: {
    ArnLike: {
      'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:123456789012:log-group:*',
    },
  },
};

function stackWith(props: (stack: Stack) => Partial<GitLabTokenRotationProps>): Stack {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  rotationOf(stack, props(stack));
  return stack;
}

describe('logEncryptionKey', () => {
  it('encrypts the log, and is opened to CloudWatch Logs if it is of the app', () => {
    const stack = stackWith((scope) => ({ logEncryptionKey: new Key(scope, 'Yours') }));
    const template = Template.fromStack(stack);

    const key = Object.keys(template.findResources('AWS::KMS::Key')).find((id) =>
      id.startsWith('Yours'),
    );
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] },
    });
    expect(statementsOf(template, 'AWS::KMS::Key', 'KeyPolicy')).toContainEqual(USE_BY_LOGS);
    expect(warningsOf(stack)).toEqual([]);
  });

  it('has the statement printed that it needs if it is imported', () => {
    const stack = stackWith((scope) => ({
      logEncryptionKey: Key.fromKeyArn(scope, 'Yours', KEY_ARN),
    }));

    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: KEY_ARN });
    const [warning, ...others] = warningsOf(stack);
    expect(warning).toMatch(/^logEncryptionKey is imported: its policy needs these statements:\n/);
    expect(printedStatements(warning)).toEqual([USE_BY_LOGS]);
    expect(others).toEqual([]);
  });
});

describe('environmentEncryptionKey', () => {
  it('encrypts the variables of the function', () => {
    const stack = stackWith((scope) => ({
      environmentEncryptionKey: Key.fromKeyArn(scope, 'Yours', KEY_ARN),
    }));

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      KmsKeyArn: KEY_ARN,
    });
  });
});

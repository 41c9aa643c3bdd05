import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledged.ts';
import type { GitLabTokenRotationProps } from './props.ts';
import { needs, warn } from './warnings.ts';

/** Lets CloudWatch Logs use the key of the logs. */
export function admitLogs(scope: Construct, { logEncryptionKey }: GitLabTokenRotationProps): void {
  if (logEncryptionKey) {
    const statement = useByLogs(scope);
    // `LogGroup` adds nothing to the policy of its key.
    if (!logEncryptionKey.addToResourcePolicy(statement).statementAdded) {
      warn(
        scope,
        'logEncryptionKey',
        needs('logEncryptionKey is imported: its policy', [statement]),
      );
    }
  }
}

/** The log of a function, which stays when the stack is removed. */
export function createLogGroup(
  scope: Construct,
  { logRetention = RetentionDays.ONE_YEAR, logEncryptionKey }: GitLabTokenRotationProps,
): LogGroup {
  const logGroup = new LogGroup(scope, 'Logs', {
    retention: logRetention,
    ...(logEncryptionKey && { encryptionKey: logEncryptionKey }),
  });
  acknowledge(logGroup, 'CloudWatchLogGroupEncrypted');
  return logGroup;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
function useByLogs(scope: Construct): PolicyStatement {
  const stack = Stack.of(scope);
  const logGroups = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    // Its own name is not known before the key.
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: [
      'kms:Decrypt*',
      'kms:Describe*',
      'kms:Encrypt*',
      'kms:GenerateDataKey*',
      'kms:ReEncrypt*',
    ],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
  });
}

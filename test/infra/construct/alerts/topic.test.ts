import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { onlyResource, rotationStack, statementsOf } from '../../cdk-app.ts';

const template = Template.fromStack(rotationStack());
const topic = { Ref: onlyResource(template, 'AWS::SNS::Topic').id };
const ALARMS_OF_THIS_ACCOUNT = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
};
/** EventBridge supports no condition here. */
const RULES = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } };

describe('the topic', () => {
  it('is encrypted with a key of its own, which AWS rotates', () => {
    template.hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [onlyResource(template, 'AWS::KMS::Key').id, 'Arn'] },
    });
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  it('takes messages from nobody without TLS, from the alarms of this account, and from rules', () => {
    expect(statementsOf(template, 'AWS::SNS::TopicPolicy', 'PolicyDocument')).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sns:Publish',
        Principal: '*',
        Resource: topic,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      expect.objectContaining({
        ...ALARMS_OF_THIS_ACCOUNT,
        Action: 'sns:Publish',
        Resource: topic,
      }),
      expect.objectContaining({ ...RULES, Action: 'sns:Publish', Resource: topic }),
    ]);
  });

  it.each([ALARMS_OF_THIS_ACCOUNT, RULES])('has a key that its senders may use: %o', (sender) => {
    expect(statementsOf(template, 'AWS::KMS::Key', 'KeyPolicy')).toContainEqual({
      ...sender,
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
    });
  });
});

describe('the alarm', () => {
  it('tells the topic of a single error of the function', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [
        {
          Name: 'FunctionName',
          Value: { Ref: onlyResource(template, 'AWS::Lambda::Function').id },
        },
      ],
      Statistic: 'Sum',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 1,
      AlarmActions: [topic],
    });
  });

  it('is quiet while nothing rotates', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { TreatMissingData: 'notBreaching' });
  });
});

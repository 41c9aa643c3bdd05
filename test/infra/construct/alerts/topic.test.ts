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

describe('the topic', () => {
  it('is encrypted with a key of its own, which AWS rotates', () => {
    template.hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [onlyResource(template, 'AWS::KMS::Key').id, 'Arn'] },
    });
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  it('takes messages from nobody without TLS, and from the alarms of this account', () => {
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
    ]);
  });

  it('has a key that alarms may use', () => {
    expect(statementsOf(template, 'AWS::KMS::Key', 'KeyPolicy')).toContainEqual({
      ...ALARMS_OF_THIS_ACCOUNT,
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

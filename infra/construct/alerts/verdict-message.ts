import { EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';

/**
 * AWS's verdict as a custom notification for chat, in the form of the function's
 * own alerts: one rule cannot send a text for mail beside it, so a mail shows
 * this JSON. As text it would be in quotes there, and no chat would show it.
 *
 * Only fields that every such event has: a message with a gap may not be sent.
 * None of them can hold a token. ASCII, and no line breaks, for the mail.
 */
export function verdictMessage(): RuleTargetInput {
  const eventName = EventField.fromPath('$.detail.eventName');
  const eventTime = EventField.fromPath('$.detail.eventTime');
  const secretArn = EventField.fromPath('$.detail.additionalEventData.SecretId');
  return RuleTargetInput.fromObject({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: `${eventName}: the verdict of AWS Secrets Manager on the rotation of a GitLab token`,
      description: [
        `AWS Secrets Manager reports ${eventName} at ${eventTime} for the secret ${secretArn}.`,
        ...Object.entries(MEANINGS).map(([name, meaning]) => `${name}: ${meaning}`),
        'Unless it was the dry run, consumers may have a token that GitLab refuses until somebody acts.',
      ].join(' '),
      nextSteps: NEXT_STEPS,
    },
    metadata: { additionalContext: { eventName, eventTime, secretArn } },
  });
}

const MEANINGS = {
  RotationFailed: 'a step of the rotation failed, or the function could not be invoked.',
  RotationAbandoned:
    'the secret or its labels were changed during the rotation, so AWS gave it up and took AWSPENDING off.',
  TestRotationFailed: 'the dry run failed; nothing was rotated.',
};

/** At most 350 characters each: the limit of the notification. */
const NEXT_STEPS = [
  '1. Look for an alert of the function itself from that time. If there is one, it says why, who is affected and what to do.',
  '2. If there is none, look at the labels (aws secretsmanager describe-secret --query VersionIdsToStages --secret-id, and the ARN), and find out whether GitLab accepts the token in AWSCURRENT.',
  '3. If it does not: after RotationAbandoned rotate once more (aws secretsmanager rotate-secret --secret-id, and the ARN), which finds the active token in the secret.',
  '4. After RotationFailed, if the version with AWSPENDING has a value, follow "Make it current" in the runbook of gitlab-token-rotation.',
];

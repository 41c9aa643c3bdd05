import {
  ConfirmSubscriptionCommand,
  ListSubscriptionsByTopicCommand,
  SubscribeCommand,
  type SubscribeCommandInput,
} from '@aws-sdk/client-sns';
import type { Rig } from './rig.ts';

/** Who reads the mail of a test. */
export const ADDRESS = 'team@example.com';

/** Subscribes, by default a mail address, and tells what the answer names. */
export async function subscribe(rig: Rig, input: Partial<SubscribeCommandInput> = {}) {
  const { SubscriptionArn: arn } = await rig.client.send(
    new SubscribeCommand({
      TopicArn: rig.topicArn,
      Protocol: 'email',
      Endpoint: ADDRESS,
      ...input,
    }),
  );
  return arn;
}

/** Confirms with a token. */
export async function confirm(rig: Rig, token: string | undefined) {
  const { SubscriptionArn: arn } = await rig.client.send(
    new ConfirmSubscriptionCommand({ TopicArn: rig.topicArn, Token: token }),
  );
  return arn;
}

/** The subscriptions of the topic. */
export async function list(rig: Rig) {
  const { Subscriptions: subscriptions } = await rig.client.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: rig.topicArn }),
  );
  return subscriptions;
}

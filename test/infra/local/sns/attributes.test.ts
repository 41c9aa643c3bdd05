import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  SetSubscriptionAttributesCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { ADDRESS, confirm, list, subscribe } from './actions.ts';
import { mailedToken, type Rig, startRig } from './rig.ts';

const QUEUE = { Protocol: 'sqs', Endpoint: 'arn:aws:sqs:eu-central-1:111122223333:alerts' };

async function attributesOf(rig: Rig, SubscriptionArn: string | undefined) {
  const { Attributes: attributes } = await rig.client.send(
    new GetSubscriptionAttributesCommand({ SubscriptionArn }),
  );
  return attributes;
}

describe('CreateTopic', () => {
  it('makes a topic, and finds it again', async () => {
    await using rig = await startRig({ region: 'eu-west-1', accountId: '444455556666' });
    const command = new CreateTopicCommand({
      Name: 'alerts',
      Attributes: { DisplayName: 'Alerts' },
      Tags: [{ Key: 'team', Value: 'platform' }],
    });

    const { TopicArn: topicArn } = await rig.client.send(command);
    const { TopicArn: again } = await rig.client.send(command);

    expect(topicArn).toBe('arn:aws:sns:eu-west-1:444455556666:alerts');
    expect(again).toBe(topicArn);
    expect(rig.sns.createTopic('alerts')).toBe(topicArn);
  });

  it('refuses other attributes for a topic that exists', async () => {
    await using rig = await startRig();

    const creating = rig.client.send(
      new CreateTopicCommand({ Name: 'failures', Attributes: { DisplayName: 'Alerts' } }),
    );

    await expect(creating).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message:
        'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    });
  });

  it.each(['', 'two words', 'alerts.fifo', 'a'.repeat(257)])(
    'refuses the name %j for a standard topic',
    async (Name) => {
      await using rig = await startRig();

      const creating = rig.client.send(new CreateTopicCommand({ Name }));

      await expect(creating).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'Invalid parameter: Topic Name',
      });
    },
  );
});

describe('GetTopicAttributes', () => {
  it('counts the subscriptions, those pending and those deleted too', async () => {
    await using rig = await startRig();
    rig.sns.subscribeMailbox(rig.topicArn, ADDRESS);
    rig.sns.subscribeMailbox(rig.topicArn, ADDRESS);
    await subscribe(rig, { Endpoint: 'late@example.com' });
    const SubscriptionArn = await subscribe(rig, QUEUE);
    await rig.client.send(new UnsubscribeCommand({ SubscriptionArn }));

    const { Attributes: attributes } = await rig.client.send(
      new GetTopicAttributesCommand({ TopicArn: rig.topicArn }),
    );

    expect(attributes).toEqual({
      TopicArn: rig.topicArn,
      Owner: '111122223333',
      DisplayName: '',
      SubscriptionsConfirmed: '1',
      SubscriptionsPending: '1',
      SubscriptionsDeleted: '1',
    });
  });
});

describe('subscribeMailbox', () => {
  it('confirms a subscription that waits', async () => {
    await using rig = await startRig();
    await subscribe(rig);

    rig.sns.subscribeMailbox(rig.topicArn, ADDRESS);
    await rig.publish();

    expect(await list(rig)).toHaveLength(1);
    expect(rig.sns.mailbox(ADDRESS).at(-1)).toMatchObject({ text: 'told' });
  });
});

describe('GetSubscriptionAttributes', () => {
  it('tells what a subscription is', async () => {
    await using rig = await startRig();
    const FilterPolicy = '{"code": ["<LOST>"]}';

    const arn = await subscribe(rig, { Attributes: { FilterPolicy }, ReturnSubscriptionArn: true });

    expect(await attributesOf(rig, arn)).toEqual({
      SubscriptionArn: arn,
      TopicArn: rig.topicArn,
      Protocol: 'email',
      Endpoint: ADDRESS,
      Owner: '111122223333',
      PendingConfirmation: 'true',
      ConfirmationWasAuthenticated: 'false',
      RawMessageDelivery: 'false',
      FilterPolicy,
    });
  });

  it('knows no subscription that is gone', async () => {
    await using rig = await startRig();
    await subscribe(rig);
    const SubscriptionArn = await confirm(rig, mailedToken(rig, ADDRESS));
    await rig.client.send(new UnsubscribeCommand({ SubscriptionArn }));

    const reading = attributesOf(rig, SubscriptionArn);

    await expect(reading).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Subscription does not exist',
    });
  });
});

describe('SetSubscriptionAttributes', () => {
  it('changes one attribute and keeps the others', async () => {
    await using rig = await startRig();
    const SubscriptionArn = await subscribe(rig, {
      ...QUEUE,
      Attributes: { RawMessageDelivery: 'true' },
    });

    await rig.client.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'FilterPolicyScope',
        AttributeValue: 'MessageBody',
      }),
    );

    expect(await attributesOf(rig, SubscriptionArn)).toMatchObject({
      RawMessageDelivery: 'true',
      FilterPolicyScope: 'MessageBody',
      PendingConfirmation: 'false',
    });
  });

  it.each([
    ['Colour', 'red', 'AttributeName'],
    [
      'RawMessageDelivery',
      'perhaps',
      'RawMessageDelivery: Invalid value [perhaps]. Must be true or false.',
    ],
    [
      'FilterPolicyScope',
      'Subject',
      'FilterPolicyScope: Invalid value [Subject]. Please use either MessageBody or MessageAttributes',
    ],
    ['FilterPolicy', '{', 'FilterPolicy: failed to parse JSON.'],
  ])('refuses %s as %j', async (AttributeName, AttributeValue, what) => {
    await using rig = await startRig();
    const SubscriptionArn = await subscribe(rig, QUEUE);
    const before = await attributesOf(rig, SubscriptionArn);

    const setting = rig.client.send(
      new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }),
    );

    await expect(setting).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Invalid parameter: ${what}`,
    });
    expect(await attributesOf(rig, SubscriptionArn)).toEqual(before);
  });

  it('reads RawMessageDelivery in any case', async () => {
    await using rig = await startRig();

    const subscribing = subscribe(rig, { ...QUEUE, Attributes: { RawMessageDelivery: 'True' } });

    await expect(subscribing).resolves.toContain(rig.topicArn);
  });

  it('refuses raw delivery by mail', async () => {
    await using rig = await startRig();

    const subscribing = subscribe(rig, { Attributes: { RawMessageDelivery: 'true' } });

    await expect(subscribing).rejects.toMatchObject({
      message:
        'Invalid parameter: Attributes Reason: Delivery protocol [email] does not support raw message delivery.',
    });
  });
});

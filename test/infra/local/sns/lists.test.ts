import { ListSubscriptionsByTopicCommand, ListSubscriptionsCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { ADDRESS, list } from './actions.ts';
import { startRig } from './rig.ts';

describe('the lists', () => {
  it('N21: hold 100 subscriptions a page, and a token for the next page', async () => {
    await using rig = await startRig();
    for (let number = 1; number <= 101; number += 1) {
      rig.sns.subscribeMailbox(rig.topicArn, `reader-${number}@example.com`);
    }

    const first = await rig.client.send(new ListSubscriptionsCommand({}));
    const second = await rig.client.send(
      new ListSubscriptionsCommand({ NextToken: first.NextToken }),
    );

    expect(first.Subscriptions).toHaveLength(100);
    expect(first.Subscriptions?.[0]).toMatchObject({ Endpoint: 'reader-1@example.com' });
    expect(second.Subscriptions).toMatchObject([{ Endpoint: 'reader-101@example.com' }]);
    expect(second.NextToken).toBeUndefined();
  });

  it('N21: have no next page after exactly 100', async () => {
    await using rig = await startRig();
    for (let number = 1; number <= 100; number += 1) {
      rig.sns.subscribeMailbox(rig.topicArn, `reader-${number}@example.com`);
    }

    const page = await rig.client.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: rig.topicArn }),
    );

    expect(page.Subscriptions).toHaveLength(100);
    expect(page.NextToken).toBeUndefined();
  });

  it('N21: refuse a token that is none of theirs', async () => {
    await using rig = await startRig();

    const listing = rig.client.send(new ListSubscriptionsCommand({ NextToken: 'next' }));

    await expect(listing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: NextToken',
    });
  });

  it('tell the topics apart', async () => {
    await using rig = await startRig();
    rig.sns.subscribeMailbox(rig.topicArn, ADDRESS);
    rig.sns.subscribeMailbox(rig.sns.createTopic('others'), 'others@example.com');

    const { Subscriptions: all } = await rig.client.send(new ListSubscriptionsCommand({}));

    expect(all).toMatchObject([{ Endpoint: ADDRESS }, { Endpoint: 'others@example.com' }]);
    expect(await list(rig)).toMatchObject([{ Endpoint: ADDRESS }]);
  });
});

import {
  ConfirmSubscriptionCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { ADDRESS, confirm, subscribe } from './actions.ts';
import { mailedToken, parsed, type Receiver, type Rig, startReceiver, startRig } from './rig.ts';

const AT = new Date('2026-05-01T10:00:00Z');

/** Subscribes the receiver and confirms with the token that it got. */
async function subscribeReceiver(
  rig: Rig,
  receiver: Receiver,
  attributes: Record<string, string> = {},
): Promise<string | undefined> {
  await subscribe(rig, {
    Protocol: 'http',
    Endpoint: `${receiver.url}/alerts`,
    Attributes: attributes,
  });
  await rig.sns.delivered();
  return confirm(rig, parsed(receiver.received.at(-1)?.body)['Token'] as string);
}

describe('delivery to an HTTP endpoint', () => {
  it('begins with the request to confirm', async () => {
    await using rig = await startRig({ now: () => AT });
    await using receiver = await startReceiver();

    await subscribe(rig, { Protocol: 'http', Endpoint: `${receiver.url}/alerts` });
    await rig.sns.delivered();

    expect(receiver.received).toHaveLength(1);
    const [call] = receiver.received;
    expect(call).toMatchObject({ method: 'POST', path: '/alerts' });
    expect(call?.headers).toMatchObject({
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-topic-arn': rig.topicArn,
    });
    expect(call?.headers).not.toHaveProperty('x-amz-sns-subscription-arn');
    const token = parsed(call?.body)['Token'];
    expect(parsed(call?.body)).toEqual({
      Type: 'SubscriptionConfirmation',
      MessageId: call?.headers['x-amz-sns-message-id'],
      Token: expect.stringMatching(/^[0-9a-f]{128}$/),
      TopicArn: rig.topicArn,
      Message: expect.stringContaining(rig.topicArn),
      SubscribeURL: `${rig.sns.url}/?Action=ConfirmSubscription&TopicArn=${encodeURIComponent(rig.topicArn)}&Token=${token}`,
      Timestamp: '2026-05-01T10:00:00.000Z',
      SignatureVersion: '1',
      Signature: expect.any(String),
      SigningCertURL: expect.stringContaining(rig.sns.url),
    });
  });

  it('may be confirmed by the endpoint itself, with the link', async () => {
    await using rig = await startRig();
    await using receiver = await startReceiver(async ({ body }) => {
      const { SubscribeURL: link } = parsed(body);
      const { status } = await fetch(link as string);
      return { status, body: '' };
    });

    await subscribe(rig, { Protocol: 'http', Endpoint: receiver.url });
    await rig.sns.delivered();

    expect(receiver.calls).toMatchObject([{ status: 200 }]);
    const again = await subscribe(rig, { Protocol: 'http', Endpoint: receiver.url });
    expect(again).toContain(`${rig.topicArn}:`);
  });

  it('brings a message in an envelope', async () => {
    await using rig = await startRig({ now: () => AT });
    await using receiver = await startReceiver();
    const arn = await subscribeReceiver(rig, receiver);

    const { MessageId } = await rig.publish({
      Subject: 'a token died',
      Message: '{"default": "for all", "http": "for programs"}',
      MessageStructure: 'json',
      MessageAttributes: { code: { DataType: 'String', StringValue: 'LOST' } },
    });
    await rig.sns.delivered();

    const call = receiver.received[1];
    expect(receiver.received).toHaveLength(2);
    expect(call?.headers).toMatchObject({
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': MessageId,
      'x-amz-sns-topic-arn': rig.topicArn,
      'x-amz-sns-subscription-arn': arn,
    });
    expect(call?.headers).not.toHaveProperty('x-amz-sns-rawdelivery');
    expect(parsed(call?.body)).toEqual({
      Type: 'Notification',
      MessageId,
      TopicArn: rig.topicArn,
      Subject: 'a token died',
      Message: 'for programs',
      Timestamp: '2026-05-01T10:00:00.000Z',
      SignatureVersion: '1',
      Signature: expect.any(String),
      SigningCertURL: expect.stringContaining(rig.sns.url),
      UnsubscribeURL: `${rig.sns.url}/?Action=Unsubscribe&SubscriptionArn=${encodeURIComponent(arn ?? '')}`,
      MessageAttributes: { code: { Type: 'String', Value: 'LOST' } },
    });
  });

  it('has neither subject nor attributes in the envelope of a message without them', async () => {
    await using rig = await startRig();
    await using receiver = await startReceiver();
    await subscribeReceiver(rig, receiver);

    await rig.publish();
    await rig.sns.delivered();

    const members = Object.keys(parsed(receiver.received[1]?.body));
    expect(members).toContain('Message');
    expect(members).not.toContain('Subject');
    expect(members).not.toContain('MessageAttributes');
  });

  it('brings the text alone when it is raw', async () => {
    await using rig = await startRig();
    await using receiver = await startReceiver();
    await subscribeReceiver(rig, receiver, { RawMessageDelivery: 'true' });

    await rig.publish({ Message: 'told, ü' });
    await rig.sns.delivered();

    const call = receiver.received[1];
    expect(call?.body).toBe('told, ü');
    expect(call?.headers).toMatchObject({
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-rawdelivery': 'true',
    });
  });

  it('reaches every endpoint of the topic, and none of another', async () => {
    await using rig = await startRig();
    await using receiver = await startReceiver();
    await using stranger = await startReceiver();
    await subscribeReceiver(rig, receiver);
    rig.sns.subscribeMailbox(rig.topicArn, ADDRESS);
    await rig.client.send(
      new SubscribeCommand({
        TopicArn: rig.sns.createTopic('others'),
        Protocol: 'http',
        Endpoint: stranger.url,
      }),
    );

    await rig.publish();
    await rig.sns.delivered();

    expect(receiver.received).toHaveLength(2);
    expect(rig.sns.mailbox(ADDRESS)).toHaveLength(1);
    expect(stranger.calls).toMatchObject([{ operation: 'SubscriptionConfirmation' }]);
  });

  it('ends with the word that the endpoint gets nothing more', async () => {
    await using rig = await startRig();
    await using receiver = await startReceiver();
    const SubscriptionArn = await subscribeReceiver(rig, receiver);

    await rig.client.send(new UnsubscribeCommand({ SubscriptionArn }));
    await rig.publish();
    await rig.sns.delivered();

    expect(receiver.calls).toMatchObject([
      { operation: 'SubscriptionConfirmation' },
      { operation: 'UnsubscribeConfirmation' },
    ]);
    const last = receiver.received.at(-1);
    expect(last?.headers).toMatchObject({ 'x-amz-sns-subscription-arn': SubscriptionArn });
    const { Token: token } = parsed(last?.body);
    const restored = await rig.client.send(
      new ConfirmSubscriptionCommand({ TopicArn: rig.topicArn, Token: token as string }),
    );
    expect(restored).toMatchObject({ SubscriptionArn });
  });

  it('follows no redirect', async () => {
    await using rig = await startRig();
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver(() => ({
      status: 307,
      headers: { location: elsewhere.url },
      body: '',
    }));

    await subscribeReceiver(rig, receiver);
    await rig.publish();
    await rig.sns.delivered();

    expect(receiver.received).toHaveLength(2);
    expect(elsewhere.received).toEqual([]);
  });

  it('fails without a word to the publisher', async () => {
    await using rig = await startRig();
    await using receiver = await startReceiver();
    await subscribeReceiver(rig, receiver);
    receiver.pause();

    const published = await rig.publish();
    await rig.sns.delivered();

    expect(published.MessageId).toBe(rig.sns.messages[0]?.messageId);
    expect(receiver.received).toHaveLength(1);
  });

  // Well before the delivery would end by its own time-out.
  it('is given up when the server is disposed of', { timeout: 5_000 }, async () => {
    await using receiver = await startReceiver();
    const rig = await startRig();
    await subscribeReceiver(rig, receiver);
    receiver.faults.add({ operation: 'Notification', at: 'before', effect: { kind: 'hang' } });
    await rig.publish();

    const disposed = rig[Symbol.asyncDispose]();

    await expect(disposed).resolves.toBeUndefined();
    await expect(rig.sns.delivered()).resolves.toBeUndefined();
  });
});

describe('delivery by mail', () => {
  it('has the subject of the message, its text for email, and the time', async () => {
    await using rig = await startRig({ now: () => AT });
    rig.sns.subscribeMailbox(rig.topicArn, ADDRESS);

    await rig.publish({
      Subject: 'a token died',
      Message: '{"default": "for all", "email": "for people"}',
      MessageStructure: 'json',
    });

    expect(rig.sns.mailbox(ADDRESS)).toEqual([
      { subject: 'a token died', text: 'for people', at: AT },
    ]);
    expect(rig.sns.calls).toHaveLength(1);
  });

  it('has a subject of its own where the message has none', async () => {
    await using rig = await startRig();
    rig.sns.subscribeMailbox(rig.topicArn, ADDRESS);

    await rig.publish();

    expect(rig.sns.mailbox(ADDRESS)).toMatchObject([{ subject: 'AWS Notification Message' }]);
  });

  it('is the envelope with protocol email-json', async () => {
    await using rig = await startRig();
    await subscribe(rig, { Protocol: 'email-json' });
    await confirm(rig, mailedToken(rig, ADDRESS));

    await rig.publish({
      Message: '{"default": "for all", "email": "for people", "email-json": "for programs"}',
      MessageStructure: 'json',
    });

    const text = rig.sns.mailbox(ADDRESS).at(-1)?.text;
    expect(parsed(text)).toMatchObject({ Type: 'Notification', Message: 'for programs' });
  });

  it('goes nowhere while nobody has subscribed', async () => {
    await using rig = await startRig();

    await rig.publish();

    expect(rig.sns.mailbox(ADDRESS)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { ADDRESS, confirm, list, subscribe } from './actions.ts';
import { mailedToken, startRig } from './rig.ts';

const QUEUE = 'arn:aws:sqs:eu-central-1:111122223333:alerts';
/** On loopback, where nobody listens. */
const NOBODY = 'http://127.0.0.1:1/alerts';

describe('Subscribe', () => {
  it.each([
    ['email', ADDRESS],
    ['email-json', ADDRESS],
    ['http', NOBODY],
    ['https', 'https://localhost:1/alerts'],
  ])('N15: waits for confirmation with protocol %s', async (Protocol, Endpoint) => {
    await using rig = await startRig();

    const answer = await subscribe(rig, { Protocol, Endpoint });

    expect(answer).toBe('pending confirmation');
    expect(await list(rig)).toEqual([
      {
        TopicArn: rig.topicArn,
        Protocol,
        SubscriptionArn: 'PendingConfirmation',
        Owner: '111122223333',
        Endpoint,
      },
    ]);
  });

  it('N15: tells the ARN of a pending subscription where it is asked for', async () => {
    await using rig = await startRig();

    const arn = await subscribe(rig, { ReturnSubscriptionArn: true });

    expect(arn).toMatch(new RegExp(`^${rig.topicArn}:[0-9a-f-]{36}$`));
    expect(await list(rig)).toMatchObject([{ SubscriptionArn: 'PendingConfirmation' }]);
    expect(await confirm(rig, mailedToken(rig, ADDRESS))).toBe(arn);
    expect(await list(rig)).toMatchObject([{ SubscriptionArn: arn }]);
  });

  it('N15: delivers nothing before ConfirmSubscription, and the next message after it', async () => {
    await using rig = await startRig();
    await subscribe(rig);

    await rig.publish({ Message: 'too early' });
    await confirm(rig, mailedToken(rig, ADDRESS));
    await rig.publish({ Message: 'in time' });

    const [confirmation, ...mails] = rig.sns.mailbox(ADDRESS);
    expect(confirmation).toMatchObject({ subject: 'AWS Notification - Subscription Confirmation' });
    expect(mails).toMatchObject([{ text: 'in time' }]);
  });

  it.each([
    ['sqs', QUEUE],
    ['lambda', 'arn:aws:lambda:eu-central-1:111122223333:function:tell'],
    ['sms', '+15550100'],
  ])('needs no confirmation with protocol %s', async (Protocol, Endpoint) => {
    await using rig = await startRig();

    const arn = await subscribe(rig, { Protocol, Endpoint });

    expect(await list(rig)).toMatchObject([{ SubscriptionArn: arn, Protocol, Endpoint }]);
    expect(arn).toContain(`${rig.topicArn}:`);
  });

  it('N16: finds the subscription of the same endpoint, with the same attributes or none', async () => {
    await using rig = await startRig();
    const queue = { Protocol: 'sqs', Endpoint: QUEUE };
    const Attributes = { RawMessageDelivery: 'true' };
    const arn = await subscribe(rig, { ...queue, Attributes });

    const same = await subscribe(rig, { ...queue, Attributes });
    const none = await subscribe(rig, queue);

    expect([same, none]).toEqual([arn, arn]);
    expect(await list(rig)).toHaveLength(1);
  });

  it('N16: refuses other attributes for the same endpoint', async () => {
    await using rig = await startRig();
    const queue = { Protocol: 'sqs', Endpoint: QUEUE };
    await subscribe(rig, { ...queue, Attributes: { RawMessageDelivery: 'true' } });

    const subscribing = subscribe(rig, { ...queue, Attributes: { RawMessageDelivery: 'false' } });

    await expect(subscribing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message:
        'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
    });
  });

  it('N16: asks again while the subscription is pending', async () => {
    await using rig = await startRig();
    await subscribe(rig);

    const again = await subscribe(rig);

    expect(again).toBe('pending confirmation');
    expect(rig.sns.mailbox(ADDRESS)).toHaveLength(2);
    expect(await list(rig)).toHaveLength(1);
  });

  it.each(['pigeon', 'Email', '', 'constructor'])(
    'N17: refuses the protocol %j',
    async (Protocol) => {
      await using rig = await startRig();

      const subscribing = subscribe(rig, { Protocol });

      await expect(subscribing).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: `Invalid parameter: Amazon SNS does not support this protocol string: ${Protocol}`,
      });
    },
  );

  it.each(['no policy', '{"code": ["LOST"]', '["LOST"]', 'null'])(
    'N18: refuses %j as a filter policy',
    async (FilterPolicy) => {
      await using rig = await startRig();

      const subscribing = subscribe(rig, { Attributes: { FilterPolicy } });

      await expect(subscribing).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: expect.stringMatching(
          /^Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON\./,
        ),
      });
      expect(await list(rig)).toEqual([]);
    },
  );

  it.each([
    ['email', 'nobody', 'Email address'],
    ['email-json', 'two words@example.com', 'Email address'],
    ['http', 'https://127.0.0.1/', 'Endpoint must match the specified protocol'],
    ['https', 'http://127.0.0.1/', 'Endpoint must match the specified protocol'],
    ['http', 'http://', 'Endpoint'],
    ['sqs', '', 'Endpoint'],
  ])('refuses with protocol %s the endpoint %j', async (Protocol, Endpoint, what) => {
    await using rig = await startRig();

    const subscribing = subscribe(rig, { Protocol, Endpoint });

    await expect(subscribing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Invalid parameter: ${what}`,
    });
  });

  it.each([
    ['http://example.com/', 'example.com'],
    ['http://127.0.0.1@example.com/', 'example.com'],
    ['http://127.0.0.1.example.com/', '127.0.0.1.example.com'],
    ['http://10.0.0.1/', '10.0.0.1'],
    ['http://0.0.0.0/', '0.0.0.0'],
    ['http://[::ffff:10.0.0.1]/', '[::ffff:a00:1]'],
    ['http://localhost.example.com/', 'localhost.example.com'],
  ])('refuses %s, which is not this machine', async (Endpoint, host) => {
    await using rig = await startRig();

    const subscribing = subscribe(rig, { Protocol: 'http', Endpoint });

    await expect(subscribing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Invalid parameter: Endpoint Reason: this SNS sends to loopback addresses only, got ${host}`,
    });
  });
});

import { ConfirmSubscriptionCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { ADDRESS, confirm, list, subscribe } from './actions.ts';
import { callRaw, mailedToken, startRig } from './rig.ts';

describe('ConfirmSubscription', () => {
  it.each(['token', '', 'A'.repeat(128), 'a'.repeat(127)])(
    'N19: refuses the malformed token %j',
    async (token) => {
      await using rig = await startRig();

      const confirming = confirm(rig, token);

      await expect(confirming).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'Invalid token',
      });
    },
  );

  it('N19: refuses a token that it never sent', async () => {
    await using rig = await startRig();
    await subscribe(rig);

    const confirming = confirm(rig, 'a'.repeat(128));

    await expect(confirming).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Token',
    });
  });

  it('N19: refuses the token of another topic', async () => {
    await using rig = await startRig();
    await subscribe(rig);

    const confirming = rig.client.send(
      new ConfirmSubscriptionCommand({
        TopicArn: rig.sns.createTopic('others'),
        Token: mailedToken(rig, ADDRESS),
      }),
    );

    await expect(confirming).rejects.toMatchObject({ message: 'Invalid parameter: Token' });
  });

  it('refuses a token after two days, until it is sent again', async () => {
    let now = new Date('2026-05-01T10:00:00Z');
    await using rig = await startRig({ now: () => now });
    await subscribe(rig);
    now = new Date('2026-05-03T10:00:00.001Z');

    const confirming = confirm(rig, mailedToken(rig, ADDRESS));

    await expect(confirming).rejects.toMatchObject({ message: 'Invalid parameter: Token' });
    await subscribe(rig);
    await expect(confirm(rig, mailedToken(rig, ADDRESS))).resolves.toContain(rig.topicArn);
  });

  it('names the same subscription when it is called again', async () => {
    await using rig = await startRig();
    await subscribe(rig);
    const arn = await confirm(rig, mailedToken(rig, ADDRESS));

    const again = await confirm(rig, mailedToken(rig, ADDRESS));

    expect(again).toBe(arn);
  });

  it('works as a link, which is not signed', async () => {
    await using rig = await startRig();
    await subscribe(rig);
    const [link = ''] = rig.sns.mailbox(ADDRESS)[0]?.text.match(/http:\S+/) ?? [];

    const { status } = await fetch(link);

    expect(status).toBe(200);
    expect(await list(rig)).not.toMatchObject([{ SubscriptionArn: 'PendingConfirmation' }]);
  });
});

describe('Unsubscribe', () => {
  it('N20: succeeds twice, and the endpoint gets nothing more', async () => {
    await using rig = await startRig();
    await subscribe(rig);
    const command = new UnsubscribeCommand({
      SubscriptionArn: await confirm(rig, mailedToken(rig, ADDRESS)),
    });

    const first = await rig.client.send(command);
    const second = await rig.client.send(command);
    await rig.publish();

    expect([first, second]).toMatchObject([
      { $metadata: { httpStatusCode: 200 } },
      { $metadata: { httpStatusCode: 200 } },
    ]);
    expect(await list(rig)).toEqual([]);
    expect(rig.sns.mailbox(ADDRESS)).toHaveLength(1);
  });

  it('lets the token restore the subscription', async () => {
    await using rig = await startRig();
    await subscribe(rig);
    const token = mailedToken(rig, ADDRESS);
    const SubscriptionArn = await confirm(rig, token);
    await rig.client.send(new UnsubscribeCommand({ SubscriptionArn }));

    const restored = await confirm(rig, token);

    expect(restored).toBe(SubscriptionArn);
    expect(await list(rig)).toMatchObject([{ SubscriptionArn }]);
  });

  it('gives up a token whose endpoint has subscribed anew', async () => {
    await using rig = await startRig();
    await subscribe(rig);
    const token = mailedToken(rig, ADDRESS);
    const SubscriptionArn = await confirm(rig, token);
    await rig.client.send(new UnsubscribeCommand({ SubscriptionArn }));
    await subscribe(rig);

    const confirming = confirm(rig, token);

    await expect(confirming).rejects.toMatchObject({ message: 'Invalid parameter: Token' });
    expect(await list(rig)).toHaveLength(1);
  });

  it('is refused while the subscription is pending', async () => {
    await using rig = await startRig();
    const SubscriptionArn = await subscribe(rig, { ReturnSubscriptionArn: true });

    const unsubscribing = rig.client.send(new UnsubscribeCommand({ SubscriptionArn }));

    await expect(unsubscribing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message:
        'Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation',
    });
    expect(await list(rig)).toHaveLength(1);
  });

  it.each([
    ['pending confirmation', 'SubscriptionArn Reason: An ARN must have at least 6 elements, not 1'],
    ['arn:aws:sns:eu-central-1:111122223333:failures', 'SubscriptionId'],
  ])('refuses the ARN %j', async (SubscriptionArn, what) => {
    await using rig = await startRig();

    const unsubscribing = rig.client.send(new UnsubscribeCommand({ SubscriptionArn }));

    await expect(unsubscribing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Invalid parameter: ${what}`,
    });
  });

  it('needs a signature where the confirmation asked for it', async () => {
    await using rig = await startRig();
    await subscribe(rig);
    const { SubscriptionArn = '' } = await rig.client.send(
      new ConfirmSubscriptionCommand({
        TopicArn: rig.topicArn,
        Token: mailedToken(rig, ADDRESS),
        AuthenticateOnUnsubscribe: 'true',
      }),
    );

    const unsigned = await callRaw(
      rig.sns,
      `Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`,
      {},
    );

    expect(unsigned.status).toBe(403);
    expect(unsigned.body).toContain('<Code>AuthorizationError</Code>');
    expect(await list(rig)).toHaveLength(1);
    await rig.client.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect(await list(rig)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { snsError } from '../../../../infra/local/sns/errors.ts';
import { callRaw, startRig } from './rig.ts';

describe('a caller who is not allowed', () => {
  it('N22: gets an AuthorizationError', async () => {
    await using rig = await startRig();
    const answer = snsError(403, 'AuthorizationError', 'not authorized to perform SNS:Publish');
    rig.sns.faults.add({
      operation: 'Publish',
      at: 'before',
      effect: { kind: 'answer', answer },
    });

    const publishing = rig.publish();

    await expect(publishing).rejects.toMatchObject({
      name: 'AuthorizationErrorException',
      message: 'not authorized to perform SNS:Publish',
      $metadata: { httpStatusCode: 403, attempts: 1 },
    });
    expect(rig.sns.messages).toEqual([]);
  });
});

describe('an answer', () => {
  it('has a request id in its header, the one of its XML', async () => {
    await using rig = await startRig();

    const { status, headers, body } = await callRaw(
      rig.sns,
      `Action=Publish&TopicArn=${rig.topicArn}&Message=told`,
    );

    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/xml');
    expect(body).toBe(
      `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${rig.sns.messages[0]?.messageId}</MessageId></PublishResult><ResponseMetadata><RequestId>${headers.get('x-amzn-RequestId')}</RequestId></ResponseMetadata></PublishResponse>`,
    );
  });

  it('escapes what a caller sent', async () => {
    await using rig = await startRig();
    const action = '<p>&"\r\n\t';

    const { body } = await callRaw(rig.sns, `Action=${encodeURIComponent(action)}`);

    expect(body).toContain('Could not find operation &#60;p&#62;&#38;"&#13;&#10;&#9;<');
  });

  it('is well-formed whatever a caller sent', async () => {
    await using rig = await startRig();

    const { body } = await callRaw(rig.sns, 'Action=a%00b%EF%BF%BFc');

    expect(body).toContain('a\uFFFDb\uFFFDc<');
  });
});

describe('a call', () => {
  it.each(['Subscribe', 'constructor', '__proto__', ''])(
    'is refused when the action is %j',
    async (action) => {
      await using rig = await startRig();

      const { status, body } = await callRaw(rig.sns, `Action=${action}&Version=2010-03-31`);

      expect(status).toBe(400);
      expect(body).toContain('<Type>Sender</Type><Code>InvalidAction</Code>');
    },
  );

  it('is refused without an action', async () => {
    await using rig = await startRig();

    const { status, body } = await callRaw(rig.sns, 'Version=2010-03-31');

    expect(status).toBe(400);
    expect(body).toContain('<Code>InvalidAction</Code>');
    expect(rig.sns.calls).toMatchObject([{ operation: 'Unknown', status: 400 }]);
  });

  it('is refused without a signature', async () => {
    await using rig = await startRig();

    const { status, body } = await callRaw(
      rig.sns,
      `Action=Publish&TopicArn=${rig.topicArn}&Message=told`,
      {},
    );

    expect(status).toBe(403);
    expect(body).toContain('<Code>MissingAuthenticationToken</Code>');
    expect(rig.sns.messages).toEqual([]);
  });

  it('is recorded under the name of its action', async () => {
    await using rig = await startRig();

    await rig.publish();

    expect(rig.sns.calls).toMatchObject([{ operation: 'Publish', status: 200 }]);
  });
});

describe('a fault', () => {
  it.each([
    [404, 'NotFound', 'NotFoundException', 1],
    [400, 'KMSDisabled', 'KMSDisabledException', 1],
    [400, 'ParameterValueInvalid', 'InvalidParameterValueException', 1],
    [400, 'Unheard', 'Unheard', 1],
    [429, 'Throttled', 'ThrottledException', 3],
    [500, 'InternalError', 'InternalErrorException', 3],
  ])('with status %i and code %s is %s to the SDK', async (status, code, name, attempts) => {
    await using rig = await startRig();
    const answer = snsError(status, code, 'as planned');
    const effect = { kind: 'answer', answer } as const;
    rig.sns.faults.add({ operation: 'Publish', at: 'before', times: 10, effect });

    const publishing = rig.publish();

    await expect(publishing).rejects.toMatchObject({
      name,
      message: 'as planned',
      $metadata: { httpStatusCode: status, attempts },
    });
  });

  it('that loses the answer makes the SDK publish twice', async () => {
    await using rig = await startRig();
    rig.sns.faults.add({ operation: 'Publish', at: 'after', effect: { kind: 'reset' } });

    const { MessageId: messageId } = await rig.publish();

    expect(rig.sns.messages).toHaveLength(2);
    expect(rig.sns.messages[1]).toMatchObject({ messageId });
  });
});

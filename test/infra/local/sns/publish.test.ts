import { describe, expect, it } from 'vitest';
import { MACHINE_CLOCK } from '../../../../infra/local/server/clock.ts';
import { callRaw, startRig } from './rig.ts';

const MAX_BYTES = 262_144;

describe('Publish', () => {
  it('keeps what it accepts: text, subject, attributes and time', async () => {
    const at = new Date('2026-05-01T10:00:00Z');
    await using rig = await startRig({ clock: { ...MACHINE_CLOCK, now: () => at } });

    const { MessageId: messageId } = await rig.publish({
      Subject: 'a token died',
      MessageAttributes: {
        code: { DataType: 'String', StringValue: 'SUCCESSOR_LOST' },
        digest: { DataType: 'Binary', BinaryValue: Buffer.from('abc') },
      },
    });

    expect(rig.sns.messages).toEqual([
      {
        topicArn: rig.topicArn,
        messageId,
        subject: 'a token died',
        structured: false,
        attributes: {
          code: { type: 'String', value: 'SUCCESSOR_LOST' },
          digest: { type: 'Binary', value: 'YWJj' },
        },
        textFor: expect.any(Function),
        at,
      },
    ]);
    expect(rig.sns.messages[0]?.textFor('email')).toBe('told');
  });

  it('keeps any character of a text', async () => {
    await using rig = await startRig();
    const text = ' + & = % <b>*</b> \u0000\r\n"ü" 🦊 ';

    await rig.publish({ Message: text });

    expect(rig.sns.messages[0]?.textFor('sqs')).toBe(text);
  });

  it('reads a blank that is sent as a plus sign', async () => {
    await using rig = await startRig();

    const { status } = await callRaw(
      rig.sns,
      `Action=Publish&Version=2010-03-31&TopicArn=${rig.topicArn}&Message=two+words`,
    );

    expect(status).toBe(200);
    expect(rig.sns.messages[0]?.textFor('email')).toBe('two words');
  });

  it('takes the ARN of a topic for TargetArn too', async () => {
    await using rig = await startRig();

    await rig.publish({ TopicArn: undefined, TargetArn: rig.topicArn });

    expect(rig.sns.messages).toMatchObject([{ topicArn: rig.topicArn }]);
  });

  it('is refused without a topic', async () => {
    await using rig = await startRig();

    const publishing = rig.publish({ TopicArn: undefined });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter',
    });
  });

  it('N1: knows no topic that was not created', async () => {
    await using rig = await startRig();

    const publishing = rig.publish({ TopicArn: `${rig.topicArn}-2` });

    await expect(publishing).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Topic does not exist',
      $metadata: { httpStatusCode: 404 },
    });
    expect(rig.sns.messages).toEqual([]);
  });

  it.each([
    ['', 1],
    ['failures', 1],
    ['arn:aws:sns:eu-central-1:111122223333', 5],
  ])('N2: counts the elements of the ARN %j', async (topicArn, count) => {
    await using rig = await startRig();

    const publishing = rig.publish({ TopicArn: topicArn });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not ${count}`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each([
    'arn:aws:sns:eu-west-1:111122223333:failures',
    'arn:aws:sqs:eu-central-1:111122223333:failures',
  ])('N3: refuses the topic of another region or service, %s', async (topicArn) => {
    await using rig = await startRig();

    const publishing = rig.publish({ TopicArn: topicArn });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: TopicArn',
    });
  });

  it('takes the ARN of a subscription for a topic with an impossible name', async () => {
    await using rig = await startRig();

    const publishing = rig.publish({ TopicArn: `${rig.topicArn}:5b138059` });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Topic Name',
    });
  });

  it('N4: refuses an empty message', async () => {
    await using rig = await startRig();

    const publishing = rig.publish({ Message: '' });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Empty message',
    });
  });

  it('N4: refuses a request without a message', async () => {
    await using rig = await startRig();

    const { status, body } = await callRaw(
      rig.sns,
      `Action=Publish&Version=2010-03-31&TopicArn=${rig.topicArn}`,
    );

    expect(status).toBe(400);
    expect(body).toContain('<Message>Invalid parameter: Empty message</Message>');
  });

  it('N5: refuses an empty subject', async () => {
    await using rig = await startRig();

    const publishing = rig.publish({ Subject: '' });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Subject',
    });
  });

  it.each([
    ['of 100 characters', 'a'.repeat(100)],
    ['of 100 characters beyond ASCII', '🦊'.repeat(100)],
    ['with a line feed', 'one\ntwo'],
    ['with a carriage return', 'one\rtwo'],
    ['with a line separator', 'one\u2028two'],
    ['with a control character', 'one\u0007two'],
    ['with a tabulator', 'one\ttwo'],
    ['that ends with DEL', 'one\u007F'],
  ])('N6: refuses a subject %s', async (_, subject) => {
    await using rig = await startRig();

    const publishing = rig.publish({ Subject: subject });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Subject',
    });
    expect(rig.sns.messages).toEqual([]);
  });

  it.each([
    ['99 characters', 'a'.repeat(99)],
    ['99 characters beyond ASCII', '🦊'.repeat(99)],
  ])('N6: accepts a subject of %s', async (_, subject) => {
    await using rig = await startRig();

    await rig.publish({ Subject: subject });

    expect(rig.sns.messages).toMatchObject([{ subject }]);
  });

  it('N7: accepts a message of 262,144 bytes and refuses one byte more', async () => {
    await using rig = await startRig();
    // Two bytes each.
    const longest = 'é'.repeat(MAX_BYTES / 2);

    await rig.publish({ Message: longest });
    const publishing = rig.publish({ Message: `${longest}.` });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Message too long',
    });
    expect(rig.sns.messages).toHaveLength(1);
  });

  it.each([
    ['a text', { DataType: 'String', StringValue: 'é' }, 'code'.length + 'String'.length + 2],
    [
      'a binary value by its bytes, not by its base64',
      { DataType: 'Binary', BinaryValue: Buffer.from('abcd') },
      'code'.length + 'Binary'.length + 4,
    ],
  ])('N7: counts names, types and values of attributes: %s', async (_, attribute, size) => {
    await using rig = await startRig();
    const MessageAttributes = { code: attribute };

    await rig.publish({ Message: '.'.repeat(MAX_BYTES - size), MessageAttributes });
    const publishing = rig.publish({
      Message: '.'.repeat(MAX_BYTES - size + 1),
      MessageAttributes,
    });

    await expect(publishing).rejects.toMatchObject({
      message: 'Invalid parameter: Message too long',
    });
    expect(rig.sns.messages).toHaveLength(1);
  });
});

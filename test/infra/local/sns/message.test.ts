import { describe, expect, it } from 'vitest';
import { callRaw, startRig } from './rig.ts';

describe('MessageStructure json', () => {
  it.each([
    ['has no default', '{"email": "text"}'],
    ['has a number for default', '{"default": 1}'],
    ['has an object for default', '{"default": {"text": "told"}}'],
    ['has null for default', '{"default": null}'],
    ['is empty', '{}'],
  ])('N8: is refused where the body %s', async (_, message) => {
    await using rig = await startRig();

    const publishing = rig.publish({ Message: message, MessageStructure: 'json' });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Message Structure - No default entry in JSON message body',
    });
    expect(rig.sns.messages).toEqual([]);
  });

  it.each(['told', '{"default": "told"', '["default"]', '"default"', 'null'])(
    'N9: is refused for the body %s',
    async (message) => {
      await using rig = await startRig();

      const publishing = rig.publish({ Message: message, MessageStructure: 'json' });

      await expect(publishing).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'Invalid parameter: Message Structure - JSON message body failed to parse',
      });
    },
  );

  it('N10: takes the last of two members with the same key', async () => {
    await using rig = await startRig();

    await rig.publish({
      Message: '{"default": "first", "default": "second"}',
      MessageStructure: 'json',
    });

    expect(rig.sns.messages[0]?.textFor('email')).toBe('second');
  });

  it('N11: ignores unknown keys and values that are no text', async () => {
    await using rig = await startRig();

    await rig.publish({
      Message: '{"default": "told", "email": 1, "http": {"a": 1}, "pigeon": "coo"}',
      MessageStructure: 'json',
    });

    const [message] = rig.sns.messages;
    expect(message?.textFor('email')).toBe('told');
    expect(message?.textFor('http')).toBe('told');
  });

  it('N14: gives each protocol its own member, and default where it has none', async () => {
    await using rig = await startRig();

    await rig.publish({
      Message: '{"default": "for all", "sqs": "for queues", "email": ""}',
      MessageStructure: 'json',
    });

    const [message] = rig.sns.messages;
    expect(message).toMatchObject({ structured: true });
    expect(message?.textFor('sqs')).toBe('for queues');
    expect(message?.textFor('email')).toBe('');
    expect(message?.textFor('lambda')).toBe('for all');
  });

  it('is the only structure', async () => {
    await using rig = await startRig();

    const publishing = rig.publish({ MessageStructure: 'xml' });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: MessageStructure',
    });
  });
});

describe('a message attribute', () => {
  it.each(['string', 'Text', 'Stringy', 'String.', '', '.String'])(
    'N12: is refused for the type %j',
    async (type) => {
      await using rig = await startRig();

      const publishing = rig.publish({
        MessageAttributes: { code: { DataType: type, StringValue: 'LOST' } },
      });

      await expect(publishing).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
        message:
          "The message attribute 'code' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
        $metadata: { httpStatusCode: 400 },
      });
      expect(rig.sns.messages).toEqual([]);
    },
  );

  it.each([
    ['String', 'LOST'],
    ['String.Array', '["LOST"]'],
    ['Number', '-1.5e3'],
    ['Number.java.lang.Long', '7'],
  ])('N12: is accepted for the type %s', async (type, value) => {
    await using rig = await startRig();

    await rig.publish({ MessageAttributes: { code: { DataType: type, StringValue: value } } });

    expect(rig.sns.messages).toMatchObject([{ attributes: { code: { type, value } } }]);
  });

  it.each([
    ['String', { StringValue: '' }],
    ['String', {}],
    ['Number', { StringValue: '' }],
    ['Binary', { BinaryValue: new Uint8Array() }],
    ['String.Array', { StringValue: '' }],
  ])('N12: is refused for the type %s with the value %j', async (type, value) => {
    await using rig = await startRig();

    const publishing = rig.publish({ MessageAttributes: { code: { DataType: type, ...value } } });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: `The message attribute 'code' must contain non-empty message attribute value for message attribute type '${type}'.`,
    });
  });

  it.each([
    ['Binary', { StringValue: 'LOST' }, 'Binary'],
    ['String', { BinaryValue: Buffer.from('LOST') }, 'String'],
    ['Number', { BinaryValue: Buffer.from('1') }, 'String'],
  ])('N12: is refused for the type %s with the value %j', async (type, value, field) => {
    await using rig = await startRig();

    const publishing = rig.publish({ MessageAttributes: { code: { DataType: type, ...value } } });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: `The message attribute 'code' with type '${type}' must use field '${field}'.`,
    });
  });

  it.each(['one', '1,5', '0x10', 'Infinity', ' 1'])(
    'is no number when it says %j',
    async (text) => {
      await using rig = await startRig();

      const publishing = rig.publish({
        MessageAttributes: { count: { DataType: 'Number', StringValue: text } },
      });

      await expect(publishing).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
        message: "Could not cast message attribute 'count' value to number.",
      });
    },
  );

  it('is refused without a type', async () => {
    await using rig = await startRig();
    const attribute =
      'MessageAttributes.entry.1.Name=code&MessageAttributes.entry.1.Value.StringValue=a';

    const { status, body } = await callRaw(
      rig.sns,
      `Action=Publish&TopicArn=${rig.topicArn}&Message=told&${attribute}`,
    );

    expect(status).toBe(400);
    expect(body).toContain('<Code>ValidationError</Code>');
  });

  it.each([
    ['.code', "Invalid message attribute name starting with character '.' was found."],
    ['code.', "Invalid message attribute name ending with character '.' was found."],
    ['a..b', "Message attribute name can not have successive '.' character."],
    [
      'a b',
      "Invalid non-alphanumeric character '#x20' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
    ],
    [
      'façade',
      "Invalid non-alphanumeric character '#xE7' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
    ],
    ['a'.repeat(256), 'Length of message attribute name must be less than 256 bytes.'],
    ['é'.repeat(128), 'Length of message attribute name must be less than 256 bytes.'],
    ['', 'Message attribute name can not be empty.'],
  ])('N13: is refused under the name %j', async (name, message) => {
    await using rig = await startRig();

    const publishing = rig.publish({
      MessageAttributes: { [name]: { DataType: 'String', StringValue: 'LOST' } },
    });

    await expect(publishing).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message,
    });
    expect(rig.sns.messages).toEqual([]);
  });

  it.each(['a', 'A-b_c.9', '_', 'a'.repeat(255), '__proto__'])(
    'N13: is accepted under the name %j',
    async (name) => {
      await using rig = await startRig();

      await rig.publish({
        MessageAttributes: Object.fromEntries([
          [name, { DataType: 'String', StringValue: 'LOST' }],
        ]),
      });

      expect(Object.keys(rig.sns.messages[0]?.attributes ?? {})).toEqual([name]);
    },
  );
});

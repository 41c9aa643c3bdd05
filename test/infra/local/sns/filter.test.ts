import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { SetSubscriptionAttributesCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { ADDRESS, confirm, subscribe } from './actions.ts';
import { mailedToken, type Rig, startRig } from './rig.ts';

type Attributes = Record<string, MessageAttributeValue>;

/** Subscribes the mailbox with a filter policy and confirms. */
async function subscribeWith(rig: Rig, policy: object, scope?: string) {
  await subscribe(rig, {
    Attributes: {
      FilterPolicy: JSON.stringify(policy),
      ...(scope !== undefined && { FilterPolicyScope: scope }),
    },
  });
  return confirm(rig, mailedToken(rig, ADDRESS));
}

/** How many messages came, the confirmation left out. */
function countMails({ sns }: Rig): number {
  return sns.mailbox(ADDRESS).length - 1;
}

function text(StringValue: string): MessageAttributeValue {
  return { DataType: 'String', StringValue };
}

function number(StringValue: string): MessageAttributeValue {
  return { DataType: 'Number', StringValue };
}

function array(StringValue: string): MessageAttributeValue {
  return { DataType: 'String.Array', StringValue };
}

const binary: MessageAttributeValue = { DataType: 'Binary', BinaryValue: Buffer.from('LOST') };

describe('a filter policy', () => {
  it.each<[object, Attributes]>([
    [{}, {}],
    [{ code: ['LOST'] }, { code: text('LOST') }],
    [{ code: ['DEAD', 'LOST'] }, { code: text('LOST') }],
    [
      { code: ['LOST'], risk: ['none'] },
      { code: text('LOST'), risk: text('none') },
    ],
    [{ count: [1] }, { count: number('1.0') }],
    [{ code: ['LOST'] }, { code: array('["DEAD", "LOST"]') }],
    [{ code: [null] }, { code: array('[null]') }],
    [{ code: [{ prefix: 'LO' }] }, { code: text('LOST') }],
    [{ code: [{ suffix: 'ST' }] }, { code: text('LOST') }],
    [{ code: [{ 'equals-ignore-case': 'lost' }] }, { code: text('LOST') }],
    [{ code: [{ 'anything-but': ['DEAD'] }] }, { code: text('LOST') }],
    [{ code: [{ 'anything-but': 'DEAD' }] }, { code: array('["DEAD", "LOST"]') }],
    [{ code: [{ 'anything-but': { prefix: 'DE' } }] }, { code: text('LOST') }],
    [{ code: [{ exists: true }] }, { code: text('any') }],
    [{ code: [{ exists: false }] }, {}],
    [{ count: [{ numeric: ['>', 1, '<=', 5] }] }, { count: number('5') }],
    [{ count: [{ numeric: ['=', 5] }] }, { count: number('5e0') }],
    [{ count: [{ numeric: ['>=', 5] }] }, { count: number('5') }],
    [{ count: [{ numeric: ['<', 5] }] }, { count: number('4.9') }],
  ])('%j lets a message pass with %j', async (policy, MessageAttributes) => {
    await using rig = await startRig();
    await subscribeWith(rig, policy);

    await rig.publish({ MessageAttributes });

    expect(countMails(rig)).toBe(1);
  });

  it.each<[object, Attributes]>([
    [{ code: ['LOST'] }, {}],
    [{ code: ['LOST'] }, { code: text('lost') }],
    [{ code: ['LOST'], risk: ['none'] }, { code: text('LOST') }],
    [
      { code: ['LOST'], risk: ['none'] },
      { code: text('LOST'), risk: text('unknown') },
    ],
    [{ code: ['LOST'] }, { code: binary }],
    [{ code: ['LOST'] }, { code: array('LOST') }],
    [{ count: [1] }, { count: text('1') }],
    [{ count: ['1'] }, { count: number('1') }],
    [{ constructor: [{ exists: true }] }, {}],
    [{ code: [{ prefix: 'OST' }] }, { code: text('LOST') }],
    [{ code: [{ suffix: 'LOS' }] }, { code: text('LOST') }],
    [{ code: [{ 'equals-ignore-case': 'dead' }] }, { code: text('LOST') }],
    [{ code: [{ 'anything-but': ['LOST', 'DEAD'] }] }, { code: text('LOST') }],
    [{ code: [{ 'anything-but': ['LOST'] }] }, {}],
    [{ code: [{ 'anything-but': { suffix: 'ST' } }] }, { code: text('LOST') }],
    [{ code: [{ exists: true }] }, {}],
    [{ code: [{ exists: false }] }, { code: text('LOST') }],
    [{ count: [{ numeric: ['>', 1, '<=', 5] }] }, { count: number('6') }],
    [{ count: [{ numeric: ['>', 1, '<=', 5] }] }, { count: number('1') }],
    [{ count: [{ numeric: ['<', 5] }] }, { count: text('4') }],
  ])('%j keeps a message back with %j', async (policy, MessageAttributes) => {
    await using rig = await startRig();
    await subscribeWith(rig, policy);

    await rig.publish({ MessageAttributes });

    expect(countMails(rig)).toBe(0);
    expect(rig.sns.messages).toHaveLength(1);
  });

  it.each<[object, string, number]>([
    [{ code: ['LOST'] }, '{"code": "LOST"}', 1],
    [{ code: ['LOST'] }, '{"code": ["DEAD", "LOST"]}', 1],
    [{ count: [1], final: [true] }, '{"count": 1, "final": true}', 1],
    [{ detail: { code: ['LOST'] } }, '{"detail": {"code": "LOST"}}', 1],
    [{ detail: { code: ['LOST'] } }, '{"detail": [{"code": "DEAD"}, {"code": "LOST"}]}', 1],
    [{ code: [{ exists: false }] }, '{}', 1],
    [{ code: ['LOST'] }, '{"detail": {"code": "LOST"}}', 0],
    [{ detail: { code: ['LOST'] } }, '{"detail": "LOST"}', 0],
    [{ code: ['LOST'] }, 'LOST', 0],
    [{ code: [{ exists: false }] }, 'LOST', 0],
    [{ code: [{ exists: false }] }, '["LOST"]', 0],
  ])('%j, with scope MessageBody, looks at %s', async (policy, Message, count) => {
    await using rig = await startRig();
    await subscribeWith(rig, policy, 'MessageBody');

    await rig.publish({ Message });

    expect(countMails(rig)).toBe(count);
  });

  it.each<[object, string]>([
    [{ code: 'LOST' }, '"code" must be an object or an array'],
    [{ code: [] }, 'Empty arrays are not allowed'],
    [{ code: [{ regex: '.*' }] }, 'Unrecognized match type regex'],
    [{ code: [['LOST']] }, 'Unrecognized match type ["LOST"]'],
    [{ code: [{}] }, 'Unrecognized match type '],
    [{ code: [{ prefix: 1 }] }, 'Unrecognized match type prefix'],
    [{ code: [{ prefix: 'a', suffix: 'b' }] }, 'Unrecognized match type prefix, suffix'],
    [{ code: [{ exists: 'yes' }] }, 'Unrecognized match type exists'],
    [{ code: [{ 'anything-but': [] }] }, 'Unrecognized match type anything-but'],
    [{ code: [{ 'anything-but': ['a', ['b']] }] }, 'Unrecognized match type anything-but'],
    [{ code: [{ 'anything-but': { exists: true } }] }, 'Unrecognized match type anything-but'],
    [{ code: [{ numeric: ['>'] }] }, 'Unrecognized match type numeric'],
    [{ code: [{ numeric: ['~', 1] }] }, 'Unrecognized match type numeric'],
    [{ code: [{ numeric: ['>', 1, '<', '5'] }] }, 'Unrecognized match type numeric'],
    [
      { detail: { code: ['LOST'] } },
      'Filter policy scope MessageAttributes does not support nested filter policy',
    ],
    [
      { a: ['1'], b: ['1'], c: ['1'], d: ['1'], e: ['1'], f: ['1'] },
      'Filter policy can not have more than 5 keys',
    ],
  ])('%j is refused', async (policy, what) => {
    await using rig = await startRig();

    const subscribing = subscribeWith(rig, policy);

    await expect(subscribing).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Invalid parameter: Attributes Reason: FilterPolicy: ${what}`,
    });
  });

  it('can be changed, and taken away', async () => {
    await using rig = await startRig();
    const SubscriptionArn = await subscribeWith(rig, { code: ['LOST'] });
    const set = (AttributeValue: string) =>
      rig.client.send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn,
          AttributeName: 'FilterPolicy',
          AttributeValue,
        }),
      );

    await set('{"code": ["DEAD"]}');
    await rig.publish({ MessageAttributes: { code: text('LOST') } });
    await set('');
    await rig.publish({ Message: 'unfiltered' });

    expect(rig.sns.mailbox(ADDRESS).slice(1)).toMatchObject([{ text: 'unfiltered' }]);
  });

  it('cannot be left nested when the scope changes to the attributes', async () => {
    await using rig = await startRig();
    const SubscriptionArn = await subscribeWith(rig, { a: { b: ['c'] } }, 'MessageBody');

    const setting = rig.client.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'FilterPolicyScope',
        AttributeValue: 'MessageAttributes',
      }),
    );

    await expect(setting).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

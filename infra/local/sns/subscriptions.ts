import { invalidParameter } from './errors.ts';
import type { SnsRequest } from './request.ts';
import type { SnsState, Subscription } from './state.ts';
import { parseSubscriptionSettings } from './subscription-settings.ts';
import { type Element, element, mapElement } from './xml.ts';

const PAGE_LENGTH = 100;

/** What is asked and changed of subscriptions that exist: their lists and their attributes. */
export function subscriptionOperations(state: SnsState) {
  return {
    ListSubscriptions(request: SnsRequest): Element[] {
      return pageOf(state, request, () => true);
    },

    ListSubscriptionsByTopic(request: SnsRequest): Element[] {
      const { arn } = state.topic(request.requiredText('TopicArn'));
      return pageOf(state, request, ({ topicArn }) => topicArn === arn);
    },

    GetSubscriptionAttributes(request: SnsRequest): Element[] {
      const subscription = state.subscription(request.requiredText('SubscriptionArn'));
      const { accountId } = state.place;
      return [
        mapElement('Attributes', {
          RawMessageDelivery: 'false',
          ...Object.fromEntries(subscription.settings.attributes),
          SubscriptionArn: subscription.arn,
          TopicArn: subscription.topicArn,
          Protocol: subscription.protocol,
          Endpoint: subscription.endpoint,
          Owner: accountId,
          PendingConfirmation: String(subscription.status === 'pending'),
          ConfirmationWasAuthenticated: String(subscription.unsubscribeNeedsSignature),
        }),
      ];
    },

    SetSubscriptionAttributes(request: SnsRequest): undefined {
      const subscription = state.subscription(request.requiredText('SubscriptionArn'));
      const { protocol, settings } = subscription;
      const attributes = new Map(settings.attributes).set(
        request.requiredText('AttributeName'),
        request.text('AttributeValue') ?? '',
      );
      subscription.settings = parseSubscriptionSettings(attributes, protocol);
    },
  };
}

/** The token is the place of the next one; as none is ever taken away, it stays right. */
function pageOf(
  state: SnsState,
  request: SnsRequest,
  isAsked: (subscription: Subscription) => boolean,
): Element[] {
  const start = placeOf(request.text('NextToken'));
  const found = [...state.subscriptions.entries()].filter(
    ([place, each]) => place >= start && each.status !== 'deleted' && isAsked(each),
  );
  const next = found[PAGE_LENGTH]?.[0];
  const members = found
    .slice(0, PAGE_LENGTH)
    .map(([, each]) => memberOf(each, state.place.accountId));
  return [
    element('Subscriptions', members),
    ...(next === undefined ? [] : [element('NextToken', tokenOf(next))]),
  ];
}

function memberOf(subscription: Subscription, owner: string): Element {
  const { arn, topicArn, protocol, endpoint, status } = subscription;
  return element('member', [
    element('TopicArn', topicArn),
    element('Protocol', protocol),
    element('SubscriptionArn', status === 'pending' ? 'PendingConfirmation' : arn),
    element('Owner', owner),
    element('Endpoint', endpoint),
  ]);
}

function tokenOf(place: number): string {
  return Buffer.from(`place ${place}`).toString('base64');
}

function placeOf(token: string | undefined): number {
  if (token === undefined) {
    return 0;
  }
  const [, place] = /^place (\d+)$/.exec(Buffer.from(token, 'base64').toString()) ?? [];
  if (place === undefined) {
    throw invalidParameter('NextToken');
  }
  return Number(place);
}

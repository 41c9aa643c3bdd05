import type { Delivery } from './delivery.ts';
import { checkedEndpoint, checkedProtocol } from './endpoints.ts';
import { invalidParameter, SnsRefusal } from './errors.ts';
import type { SnsRequest } from './request.ts';
import type { Protocol, SnsState, Subscription, Target } from './state.ts';
import { parseSubscriptionSettings } from './subscription-settings.ts';
import { type Element, element } from './xml.ts';

/** What subscribing needs of the server. */
export interface SubscribingDeps {
  readonly state: SnsState;
  readonly delivery: Delivery;
  readonly now: () => Date;
}

/** How long a token confirms (API ConfirmSubscription). */
const TOKEN_LIFETIME_MS = 2 * 86_400_000;

/** The protocols whose endpoints might be anybody's. */
const ASKED_FIRST: ReadonlySet<Protocol> = new Set(['email', 'email-json', 'http', 'https']);

/** Subscribe, ConfirmSubscription and Unsubscribe. */
export function subscribingOperations({ state, delivery, now }: SubscribingDeps) {
  return {
    Subscribe(request: SnsRequest): Element[] {
      const { arn: topicArn } = state.topic(request.requiredText('TopicArn'));
      const protocol = checkedProtocol(request.requiredText('Protocol'));
      const endpoint = checkedEndpoint(protocol, request.requiredText('Endpoint'));
      const target = { topicArn, protocol, endpoint };
      const attributes = request.map('Attributes');
      const subscription = existing(target, attributes) ?? added(target, attributes);
      const pending = subscription.status === 'pending';
      if (pending) {
        subscription.askedAt = now();
        delivery.askToConfirm(subscription);
      }
      const hidden = pending && request.text('ReturnSubscriptionArn') !== 'true';
      return [element('SubscriptionArn', hidden ? 'pending confirmation' : subscription.arn)];
    },

    ConfirmSubscription(request: SnsRequest): Element[] {
      const { arn: topicArn } = state.topic(request.requiredText('TopicArn'));
      const subscription = holderOf(request.requiredText('Token'), topicArn);
      if (subscription.status !== 'confirmed') {
        subscription.status = 'confirmed';
        subscription.unsubscribeNeedsSignature =
          request.text('AuthenticateOnUnsubscribe') === 'true';
      }
      return [element('SubscriptionArn', subscription.arn)];
    },

    Unsubscribe(request: SnsRequest, signed: boolean): undefined {
      const subscription = state.subscriptionWith(request.requiredText('SubscriptionArn'));
      if (!subscription || subscription.status === 'deleted') {
        return;
      }
      if (subscription.status === 'pending') {
        throw invalidParameter(
          'SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation',
        );
      }
      if (subscription.unsubscribeNeedsSignature && !signed) {
        throw new SnsRefusal(403, 'AuthorizationError', 'Unsubscribe needs a signed request');
      }
      subscription.status = 'deleted';
      subscription.askedAt = now();
      delivery.tellOfUnsubscribing(subscription);
    },
  };

  function added(target: Target, attributes: ReadonlyMap<string, string>): Subscription {
    const settings = parseSubscriptionSettings(attributes, target.protocol, 'Attributes Reason: ');
    const status = ASKED_FIRST.has(target.protocol) ? 'pending' : 'confirmed';
    return state.addSubscription({ ...target, status, settings, askedAt: now() });
  }

  /** @throws {SnsRefusal} InvalidParameter where there is one with other attributes */
  function existing(target: Target, given: ReadonlyMap<string, string>): Subscription | undefined {
    const found = state.subscriptionTo(target);
    const kept = found?.settings.attributes;
    if (kept && [...given].some(([name, value]) => kept.get(name) !== value)) {
      throw invalidParameter(
        'Attributes Reason: Subscription already exists with different attributes',
      );
    }
    return found;
  }

  /** @throws {SnsRefusal} InvalidParameter */
  function holderOf(token: string, topicArn: string): Subscription {
    if (!/^[0-9a-f]{128}$/.test(token)) {
      throw new SnsRefusal(400, 'InvalidParameter', 'Invalid token');
    }
    const holder = state.subscriptions.find((each) => each.token === token);
    if (holder?.topicArn !== topicArn || isExpired(holder) || isReplaced(holder)) {
      throw invalidParameter('Token');
    }
    return holder;
  }

  /** Deleted, and its endpoint has subscribed anew since. */
  function isReplaced(subscription: Subscription): boolean {
    return subscription.status === 'deleted' && state.subscriptionTo(subscription) !== undefined;
  }

  function isExpired({ askedAt }: Subscription): boolean {
    return now().getTime() - askedAt.getTime() > TOKEN_LIFETIME_MS;
  }
}

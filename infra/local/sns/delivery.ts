import { randomUUID } from 'node:crypto';
import {
  confirmationMail,
  type DocumentKind,
  notificationDocument,
  tokenDocument,
} from './documents.ts';
import { post } from './http.ts';
import type { SnsMessage } from './message.ts';
import type { Subscription } from './state.ts';

/** A mail as its reader sees it. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly at: Date;
}

/** What delivering needs of the server. */
export interface DeliveryDeps {
  /** Where this SNS answers, for the links in what it sends; known once it listens. */
  readonly url: () => string;
  readonly now: () => Date;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** Brings messages to mailboxes and HTTP endpoints; the other protocols lead nowhere from here. */
export class Delivery {
  readonly #deps: DeliveryDeps;
  readonly #mailboxes = new Map<string, readonly Mail[]>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  mailbox(address: string): readonly Mail[] {
    return this.#mailboxes.get(address) ?? [];
  }

  /** Waits for every HTTP delivery, also those that begin meanwhile. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.all(this.#underWay);
    }
  }

  /** Brings a message to one subscriber, unless its filter policy keeps it back. */
  notify(message: SnsMessage, subscription: Subscription): void {
    const { protocol, settings } = subscription;
    const { messageId, subject = 'AWS Notification Message' } = message;
    const text = message.textFor(protocol);
    if (!settings.accepts(message, text)) {
      return;
    }
    const envelope = notificationDocument(message, text, subscription, this.#deps.url());
    if (isMail(subscription)) {
      this.#mail(subscription, { subject, text: protocol === 'email' ? text : envelope });
    } else if (settings.raw) {
      this.#post(subscription, 'Notification', messageId, text, { [RAW_DELIVERY]: 'true' });
    } else {
      this.#post(subscription, 'Notification', messageId, envelope);
    }
  }

  /** Sends the token that confirms a subscription. */
  askToConfirm(subscription: Subscription): void {
    if (isMail(subscription)) {
      this.#mail(subscription, confirmationMail(subscription, this.#deps.url()));
    } else {
      this.#postToken(subscription, 'SubscriptionConfirmation');
    }
  }

  /** Tells an HTTP endpoint that it gets nothing more; the token restores the subscription. */
  tellOfUnsubscribing(subscription: Subscription): void {
    this.#postToken(subscription, 'UnsubscribeConfirmation');
  }

  #mail({ endpoint }: Subscription, mail: Omit<Mail, 'at'>): void {
    const at = this.#deps.now();
    this.#mailboxes.set(endpoint, [...this.mailbox(endpoint), { ...mail, at }]);
  }

  #postToken(
    subscription: Subscription,
    kind: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  ): void {
    const { url, now } = this.#deps;
    const messageId = randomUUID();
    const body = tokenDocument(kind, subscription, messageId, url(), now());
    this.#post(subscription, kind, messageId, body);
  }

  #post(
    { protocol, endpoint, arn, topicArn }: Subscription,
    kind: DocumentKind,
    messageId: string,
    body: string,
    more: Readonly<Record<string, string>> = {},
  ): void {
    if (protocol !== 'http' && protocol !== 'https') {
      return;
    }
    const headers = {
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': kind,
      'x-amz-sns-message-id': messageId,
      'x-amz-sns-topic-arn': topicArn,
      // A subscription has no ARN to tell before it is confirmed.
      ...(kind !== 'SubscriptionConfirmation' && { 'x-amz-sns-subscription-arn': arn }),
      ...more,
    };
    const sent = post(endpoint, headers, body, this.#deps.signal).finally(() =>
      this.#underWay.delete(sent),
    );
    this.#underWay.add(sent);
  }
}

const RAW_DELIVERY = 'x-amz-sns-rawdelivery';

function isMail({ protocol }: Subscription): boolean {
  return protocol === 'email' || protocol === 'email-json';
}

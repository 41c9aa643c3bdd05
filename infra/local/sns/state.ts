import { randomBytes, randomUUID } from 'node:crypto';
import { invalidParameter, notFound } from './errors.ts';
import type { SubscriptionSettings } from './subscription-settings.ts';

/** The protocols of SNS, as `MessageStructure: json` names them. */
export type Protocol = (typeof PROTOCOLS)[number];

/** All of them: also those that lead nowhere from here. */
export const PROTOCOLS = [
  'email',
  'email-json',
  'http',
  'https',
  'sqs',
  'sms',
  'lambda',
  'firehose',
  'application',
] as const;

/** A standard topic. */
export interface Topic {
  readonly arn: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Who gets the messages of a topic, and how. */
export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  /** A mail address, a URL or an ARN. */
  readonly endpoint: string;
  /** A deleted one stays, because its token can restore it. */
  status: 'pending' | 'confirmed' | 'deleted';
  /** Confirms it: 128 hexadecimal digits. */
  readonly token: string;
  /** When the token was last sent, or would have been. */
  askedAt: Date;
  /** Whether only a signed request may unsubscribe. */
  unsubscribeNeedsSignature: boolean;
  settings: SubscriptionSettings;
}

/** What there is one subscription for. */
export type Target = Pick<Subscription, 'topicArn' | 'protocol' | 'endpoint'>;

/** Where the topics live. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** The topics and subscriptions of one account in one region. */
export class SnsState {
  readonly place: Place;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions: Subscription[] = [];

  constructor(place: Place) {
    this.place = place;
  }

  /** Also those deleted, oldest first. */
  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  arnOf(topicName: string): string {
    return `arn:aws:sns:${this.place.region}:${this.place.accountId}:${topicName}`;
  }

  existingTopic(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }

  saveTopic(topic: Topic): void {
    this.#topics.set(topic.arn, topic);
  }

  /** @throws {SnsRefusal} InvalidParameter for a malformed or a foreign ARN, NotFound */
  topic(arn: string): Topic {
    const [, , service, region, , ...name] = arnElements(arn, 'TopicArn');
    if (service !== 'sns' || region !== this.place.region) {
      throw invalidParameter('TopicArn');
    }
    // Most often the ARN of a subscription, which has one element more.
    if (!isTopicName(name.join(':'))) {
      throw invalidParameter('Topic Name');
    }
    const topic = this.#topics.get(arn);
    if (!topic) {
      throw notFound('Topic');
    }
    return topic;
  }

  subscriptionsOf(topicArn: string, status: Subscription['status']): readonly Subscription[] {
    return this.#subscriptions.filter(
      (each) => each.topicArn === topicArn && each.status === status,
    );
  }

  /** @throws {SnsRefusal} InvalidParameter for a malformed ARN, NotFound */
  subscription(arn: string): Subscription {
    const found = this.subscriptionWith(arn);
    if (!found || found.status === 'deleted') {
      throw notFound('Subscription');
    }
    return found;
  }

  /** Also one that is deleted. */
  subscriptionWith(arn: string): Subscription | undefined {
    if (arnElements(arn, 'SubscriptionArn').length !== 7) {
      throw invalidParameter('SubscriptionId');
    }
    return this.#subscriptions.find((each) => each.arn === arn);
  }

  /** One that is not deleted. */
  subscriptionTo({ topicArn, protocol, endpoint }: Target): Subscription | undefined {
    return this.#subscriptions.find(
      (each) =>
        each.topicArn === topicArn &&
        each.protocol === protocol &&
        each.endpoint === endpoint &&
        each.status !== 'deleted',
    );
  }

  addSubscription(
    given: Target & Pick<Subscription, 'status' | 'askedAt' | 'settings'>,
  ): Subscription {
    const subscription: Subscription = {
      ...given,
      unsubscribeNeedsSignature: false,
      arn: `${given.topicArn}:${randomUUID()}`,
      token: randomBytes(64).toString('hex'),
    };
    this.#subscriptions.push(subscription);
    return subscription;
  }
}

/** Whether a standard topic can have this name (API CreateTopic). */
export function isTopicName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,256}$/.test(name);
}

function arnElements(arn: string, parameter: string): readonly string[] {
  const elements = arn.split(':');
  if (elements.length < 6) {
    throw invalidParameter(
      `${parameter} Reason: An ARN must have at least 6 elements, not ${elements.length}`,
    );
  }
  return elements;
}

import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import { type Answer, type Call, type StandIn, startStandIn } from '../server/stand-in.ts';
import { Delivery, type Mail } from './delivery.ts';
import { SnsRefusal, snsError } from './errors.ts';
import type { SnsMessage } from './message.ts';
import { parsePublish } from './publish.ts';
import { SnsRequest } from './request.ts';
import { SnsState } from './state.ts';
import { subscribingOperations } from './subscribing.ts';
import { parseSubscriptionSettings } from './subscription-settings.ts';
import { subscriptionOperations } from './subscriptions.ts';
import { createTopic, topicOperations } from './topics.ts';
import { type Element, element, xmlAnswer } from './xml.ts';

/** Where an SNS listens and which account and region it is. */
export interface SnsProps {
  /** @default 'eu-central-1' */
  readonly region?: string;
  /** @default '111122223333' */
  readonly accountId?: string;
  /** @default - a free port */
  readonly port?: number;
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
  /** The time of day, where it is not that of the clock. */
  readonly now?: () => Date;
}

/** The local SNS. What looks in from outside, or arranges something, is no call. */
export interface Sns extends StandIn {
  /** @returns the ARN; of the topic that exists already where it has this name */
  createTopic(name: string): string;
  /** Subscribes a mail address, confirmed at once. */
  subscribeMailbox(topicArn: string, address: string): void;
  /** All that were accepted, oldest first. */
  readonly messages: readonly SnsMessage[];
  /** What came to a mail address, oldest first. */
  mailbox(address: string): readonly Mail[];
  /** Waits until every HTTP delivery has been answered or has failed. */
  delivered(): Promise<void>;
}

/** Starts an SNS on loopback, with AWS's limits on what is published. It sends to loopback only. */
export async function startSns(props: SnsProps = {}): Promise<Sns> {
  const { region = 'eu-central-1', accountId = '111122223333', clock = MACHINE_CLOCK } = props;
  const { now = () => clock.now() } = props;
  const shutdown = new AbortController();
  const state = new SnsState({ region, accountId });
  const messages: SnsMessage[] = [];
  const delivery = new Delivery({ url: () => standIn.url, now, signal: shutdown.signal });
  const publish = (request: SnsRequest): Element[] => {
    const message = parsePublish(request, state, now());
    messages.push(message);
    for (const subscription of state.subscriptionsOf(message.topicArn, 'confirmed')) {
      delivery.notify(message, subscription);
    }
    return [element('MessageId', message.messageId)];
  };
  // A map, so that no name of a caller's reaches what every object inherits.
  const operations = new Map<string, Operation>(
    Object.entries({
      Publish: publish,
      ...topicOperations(state),
      ...subscribingOperations({ state, delivery, now }),
      ...subscriptionOperations(state),
    }),
  );
  const standIn = await startStandIn({
    ...(props.port !== undefined && { port: props.port }),
    clock,
    operationOf: (call) => parametersOf(call).get('Action') ?? 'Unknown',
    answer: (call, operation) => answer(call, operation, operations),
  });

  return {
    ...standIn,
    createTopic: (name) => createTopic(state, name).arn,
    subscribeMailbox(topicArn, address) {
      subscribeMailbox(state, state.topic(topicArn).arn, address, now());
    },
    messages,
    mailbox: (address) => delivery.mailbox(address),
    delivered: () => delivery.settled(),
    async [Symbol.asyncDispose]() {
      shutdown.abort();
      await delivery.settled();
      await standIn[Symbol.asyncDispose]();
    },
  };
}

function subscribeMailbox(state: SnsState, topicArn: string, address: string, at: Date): void {
  const target = { topicArn, protocol: 'email', endpoint: address } as const;
  const existing = state.subscriptionTo(target);
  if (existing) {
    existing.status = 'confirmed';
    return;
  }
  const settings = parseSubscriptionSettings(new Map(), 'email');
  state.addSubscription({ ...target, status: 'confirmed', settings, askedAt: at });
}

/** Undefined: its answer has no result. */
type Operation = (request: SnsRequest, signed: boolean) => Element[] | undefined;

/** What a confirmation's link opens in a browser, which cannot sign. */
const UNSIGNED: ReadonlySet<string> = new Set(['ConfirmSubscription', 'Unsubscribe']);

function parametersOf({ method, query, body }: Call): URLSearchParams {
  return method === 'GET' ? query : new URLSearchParams(body);
}

function answer(call: Call, name: string, operations: ReadonlyMap<string, Operation>): Answer {
  const operation = operations.get(name);
  if (!operation) {
    return snsError(400, 'InvalidAction', `Could not find operation ${name}`);
  }
  const signed = call.headers['authorization'] !== undefined;
  if (!signed && !UNSIGNED.has(name)) {
    return snsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  try {
    return xmlAnswer(name, operation(new SnsRequest(parametersOf(call)), signed));
  } catch (error) {
    if (error instanceof SnsRefusal) {
      return snsError(error.status, error.code, error.message);
    }
    throw error;
  }
}

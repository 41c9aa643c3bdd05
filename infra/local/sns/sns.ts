import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import { type StandIn, startStandIn } from '../server/stand-in.ts';
import type { Answer, Call } from '../server/wire.ts';
import { SnsRefusal, snsError, topicNotFound } from './errors.ts';
import type { SnsMessage } from './message.ts';
import { checkTopicArn, parsePublish } from './publish.ts';
import { QueryParameters, xmlAnswer } from './query-protocol.ts';

const ACCOUNT_ID = '111122223333';

export interface SnsProps {
  /** @default 'eu-central-1' */
  readonly region?: string;
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
}

/** The local SNS. */
export interface Sns extends StandIn {
  /** @returns the ARN */
  createTopic(name: string): string;
  /** All that were accepted, oldest first. */
  readonly messages: readonly SnsMessage[];
}

/**
 * Starts an SNS on loopback that knows one operation, Publish, with all of AWS's limits. It
 * delivers nothing: tests and demonstrations read what was published.
 */
export async function startSns(props: SnsProps = {}): Promise<Sns> {
  const { region = 'eu-central-1', clock = MACHINE_CLOCK } = props;
  const topics = new Set<string>();
  const messages: SnsMessage[] = [];
  const publish = (parameters: QueryParameters): SnsMessage => {
    const message = parsePublish(parameters, clock.now());
    checkTopicArn(message.topicArn, region);
    if (!topics.has(message.topicArn)) {
      throw topicNotFound();
    }
    messages.push(message);
    return message;
  };
  const standIn = await startStandIn({
    clock,
    operationOf: ({ body }) => new URLSearchParams(body).get('Action') ?? 'Unknown',
    answer: (call, operation) => answer(call, operation, publish),
  });
  return {
    ...standIn,
    createTopic(name) {
      const arn = `arn:aws:sns:${region}:${ACCOUNT_ID}:${name}`;
      topics.add(arn);
      return arn;
    },
    messages,
  };
}

function answer(
  { headers, body }: Call,
  operation: string,
  publish: (parameters: QueryParameters) => SnsMessage,
): Answer {
  if (operation !== 'Publish') {
    return snsError(400, 'InvalidAction', `Could not find operation ${operation}`);
  }
  if (headers['authorization'] === undefined) {
    return snsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  try {
    const { messageId } = publish(new QueryParameters(new URLSearchParams(body)));
    return xmlAnswer('Publish', { MessageId: messageId });
  } catch (error) {
    if (error instanceof SnsRefusal) {
      return snsError(error.status, error.code, error.message);
    }
    throw error;
  }
}

import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Alert, AlertPublisher } from '../ports/alert-publisher.ts';
import type { StepLog } from '../ports/step.ts';
import { CLIENT_CONFIG, callAws } from './call.ts';

/** SNS took the request but returned no message id, so the alert may not be delivered. */
class NotAcknowledgedError extends Error {
  override readonly name = 'NotAcknowledgedError';
}

/** The SNS topic that delivers alerts to its subscribers. */
export class FailureTopic implements AlertPublisher {
  readonly #topicArn: string;
  readonly #client: SNSClient;
  readonly #log: StepLog;

  constructor({ topicArn, log }: { readonly topicArn: string; readonly log: StepLog }) {
    // Only its own region serves a topic, and the function may run in another.
    const region = topicArn.split(':')[3];
    this.#topicArn = topicArn;
    this.#client = new SNSClient({ ...CLIENT_CONFIG, ...(region !== undefined && { region }) });
    this.#log = log;
  }

  async publish({ subject, message, attributes }: Alert, timeoutMs: number): Promise<void> {
    const command = new PublishCommand({
      TopicArn: this.#topicArn,
      Subject: subject,
      Message: message,
      MessageStructure: 'json',
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [
          name,
          { DataType: 'String', StringValue: value },
        ]),
      ),
    });
    const { MessageId: messageId } = await callAws(
      { service: 'SNS', operation: 'Publish', log: this.#log, timeoutMs },
      (options) => this.#client.send(command, options),
    );
    if (messageId === undefined) {
      throw new NotAcknowledgedError();
    }
  }
}

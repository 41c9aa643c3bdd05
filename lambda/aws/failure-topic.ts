import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Alert, AlertPublisher } from '../ports/alert-publisher.ts';
import type { StepLog } from '../ports/step.ts';
import { CLIENT_CONFIG, callAws } from './call.ts';

/** SNS took the request and named no message: nobody will be told. */
class NotAcknowledgedError extends Error {
  override readonly name = 'NotAcknowledgedError';
}

/** The topic whose subscribers learn of failures. */
export class FailureTopic implements AlertPublisher {
  readonly #topicArn: string;
  readonly #client: SNSClient;
  readonly #log: StepLog;

  constructor({ topicArn, log }: { readonly topicArn: string; readonly log: StepLog }) {
    // A topic is served in its own region only, which need not be ours.
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

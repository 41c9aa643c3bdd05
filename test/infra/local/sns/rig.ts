import {
  PublishCommand,
  type PublishCommandInput,
  type PublishCommandOutput,
  SNSClient,
} from '@aws-sdk/client-sns';
import type { StandIn } from '../../../../infra/local/server/stand-in.ts';
import { type Sns, type SnsProps, startSns } from '../../../../infra/local/sns/sns.ts';
import { withoutBackoff } from '../../../rig/local/no-backoff.ts';

/** An SNS with one topic, and who publishes. */
export interface Rig extends AsyncDisposable {
  readonly sns: Sns;
  readonly client: SNSClient;
  readonly topicArn: string;
  /** Publishes to the topic, by default the message `told`. */
  publish(input?: Partial<PublishCommandInput>): Promise<PublishCommandOutput>;
}

export async function startRig(props: SnsProps = {}): Promise<Rig> {
  const sns = await startSns(props);
  const backoff = withoutBackoff();
  const client = new SNSClient({
    endpoint: sns.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDPUBLISHER', secretAccessKey: 'unused' },
  });
  const topicArn = sns.createTopic('failures');

  return {
    sns,
    client,
    topicArn,
    publish: (input = {}) =>
      client.send(new PublishCommand({ TopicArn: topicArn, Message: 'told', ...input })),
    async [Symbol.asyncDispose]() {
      backoff[Symbol.dispose]();
      client.destroy();
      await sns[Symbol.asyncDispose]();
    },
  };
}

/** Sends a form without the SDK, which would add what it can and hide the answer. */
export async function callRaw(
  { url }: StandIn,
  form: string,
  headers: Readonly<Record<string, string>> = {
    authorization: 'AWS4-HMAC-SHA256 Credential=AKIDRAW/',
  },
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: form,
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

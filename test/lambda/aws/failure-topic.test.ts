import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../../infra/local/server/wire.ts';
import { FailureTopic } from '../../../lambda/aws/failure-topic.ts';
import { holdTimeouts } from '../../rig/function/held-timeouts.ts';
import { recordingLog } from '../../rig/function/recording-log.ts';
import { type ScriptedAws, startScriptedAws, stubAwsEnv } from '../../rig/scripted/scripted-aws.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:failures';
const TIMEOUT_MS = 5_000;
const ALERT = {
  subject: 'GITLAB_UNREACHABLE: app/token',
  message: '{"default":"what happened"}',
  attributes: { code: 'GITLAB_UNREACHABLE', risk: 'none', step: 'createSecret' },
} as const;

afterEach(() => {
  vi.unstubAllEnvs();
});

function topicAt({ url }: ScriptedAws, log = recordingLog()): FailureTopic {
  stubAwsEnv(url);
  return new FailureTopic({ topicArn: TOPIC, log });
}

/** What SNS answers: the Query protocol, whose SDK takes the request id from the header. */
function xml(body: string, status = 200): Answer {
  return {
    status,
    headers: {
      'content-type': 'text/xml',
      'x-amzn-RequestId': '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
    },
    body,
  };
}

function published(result = '<MessageId>message-1</MessageId>'): Answer {
  return xml(
    `<PublishResponse><PublishResult>${result}</PublishResult><ResponseMetadata/></PublishResponse>`,
  );
}

function refused(code: string, status: number): Answer {
  return xml(
    `<ErrorResponse><Error><Code>${code}</Code><Message>first</Message></Error></ErrorResponse>`,
    status,
  );
}

describe(FailureTopic, () => {
  it('publishes one message for all readers, with what filter policies ask for', async () => {
    await using aws = await startScriptedAws(published());

    await topicAt(aws).publish(ALERT, TIMEOUT_MS);

    expect(aws.bodies.map((body) => Object.fromEntries(new URLSearchParams(body)))).toEqual([
      {
        Action: 'Publish',
        Version: '2010-03-31',
        TopicArn: TOPIC,
        Subject: 'GITLAB_UNREACHABLE: app/token',
        Message: '{"default":"what happened"}',
        MessageStructure: 'json',
        'MessageAttributes.entry.1.Name': 'code',
        'MessageAttributes.entry.1.Value.DataType': 'String',
        'MessageAttributes.entry.1.Value.StringValue': 'GITLAB_UNREACHABLE',
        'MessageAttributes.entry.2.Name': 'risk',
        'MessageAttributes.entry.2.Value.DataType': 'String',
        'MessageAttributes.entry.2.Value.StringValue': 'none',
        'MessageAttributes.entry.3.Name': 'step',
        'MessageAttributes.entry.3.Value.DataType': 'String',
        'MessageAttributes.entry.3.Value.StringValue': 'createSecret',
      },
    ]);
  });

  it('speaks to the region of the topic, which need not be that of the function', async () => {
    await using aws = await startScriptedAws(published());

    await topicAt(aws).publish(ALERT, TIMEOUT_MS);

    expect(aws.authorizations).toEqual([expect.stringContaining('/eu-west-1/sns/aws4_request')]);
  });

  it('logs the ids of the call, and nothing of the message', async () => {
    await using aws = await startScriptedAws(published());
    const log = recordingLog();

    await topicAt(aws, log).publish(ALERT, TIMEOUT_MS);

    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'SNS answered',
        operation: 'Publish',
        awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
        status: 200,
        attempts: 1,
        durationMs: expect.any(Number),
      },
    ]);
  });

  it.each([
    ['no message', published('')],
    ['nothing at all', xml('')],
  ])('fails where SNS names %s', async (_what, answer) => {
    await using aws = await startScriptedAws(answer);

    await expect(topicAt(aws).publish(ALERT, TIMEOUT_MS)).rejects.toMatchObject({
      name: 'NotAcknowledgedError',
    });
  });

  it('fails where SNS refuses, after one attempt', async () => {
    await using aws = await startScriptedAws(refused('AuthorizationError', 403));

    await expect(topicAt(aws).publish(ALERT, TIMEOUT_MS)).rejects.toMatchObject({
      name: 'AuthorizationErrorException',
    });
    expect(aws.calls).toHaveLength(1);
  });

  it('tries again where SNS fails', async () => {
    await using aws = await startScriptedAws(refused('InternalError', 500), published());

    await topicAt(aws).publish(ALERT, TIMEOUT_MS);

    expect(aws.calls).toHaveLength(2);
  });

  it('gives up after the time that it is given', async () => {
    await using aws = await startScriptedAws(published());
    aws.faults.add({ operation: '*', at: 'before', effect: { kind: 'hang' } });
    const timeouts = holdTimeouts();

    const publishing = topicAt(aws).publish(ALERT, 1_234);
    timeouts.end();

    await expect(publishing).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(timeouts.asked).toEqual([1_234]);
  });
});

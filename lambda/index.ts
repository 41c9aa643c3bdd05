import { setTimeout as sleep } from 'node:timers/promises';
import { FailureTopic } from './aws/failure-topic.ts';
import { AwsSecretStore } from './aws/secret-store.ts';
import { toRotationError } from './disclosure.ts';
import type { RotationError } from './failure.ts';
import { GitLabAccessTokens } from './gitlab/access-tokens.ts';
import { GitLabAdministeredTokens } from './gitlab/administered-tokens.ts';
import { GitLabClient } from './gitlab/client.ts';
import { createHandler } from './handler.ts';
import { createLog } from './log.ts';
import { writeToStdout } from './metrics/embedded-format.ts';
import type { AlertPublisher } from './ports/alert-publisher.ts';
import type { Services } from './ports/step.ts';
import { loadConfig, readRotationFunctionArn, readTopicArn } from './settings/config.ts';
import type { Environment } from './settings/variable-reader.ts';
import { createSecret } from './steps/create-secret.ts';
import { finishSecret } from './steps/finish-secret.ts';
import { setSecret } from './steps/set-secret.ts';
import { testSecret } from './steps/test-secret.ts';
import { createWatch } from './watch.ts';

const log = createLog();

const deps = {
  services: composeServices(process.env),
  clock: { now: () => new Date(), sleep: (ms: number) => sleep(ms) },
  failures: composeFailures(process.env),
  log,
  metrics: writeToStdout,
};

/** What Secrets Manager invokes, once per step of a rotation. */
export const handler = createHandler({
  ...deps,
  steps: { createSecret: createSecret(), setSecret, testSecret, finishSecret },
});

/** What the daily schedule invokes, and EventBridge when AWS reports that a rotation failed. */
export const watch = createWatch({
  ...deps,
  rotationFunctionArn: readRotationFunctionArn(process.env),
});

/** An init error would surface only as a time-out. So the first invocation reports it. */
function composeServices(env: Environment): Services | RotationError {
  try {
    const config = loadConfig(env);
    const client = new GitLabClient({ ...config, log });
    const { recoverySecretArn: secretId } = config;
    const recovery = secretId && { secretId, administered: new GitLabAdministeredTokens(client) };
    return {
      secrets: new AwsSecretStore({ log }),
      tokens: new GitLabAccessTokens(client),
      settings: config,
      secretSettings: config.secretSettings,
      ...(recovery && { recovery }),
    };
  } catch (error) {
    return toRotationError(error);
  }
}

function composeFailures(env: Environment): AlertPublisher | undefined {
  const topicArn = readTopicArn(env);
  return topicArn === undefined ? undefined : new FailureTopic({ topicArn, log });
}

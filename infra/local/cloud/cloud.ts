import { join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { bundleLambda } from '../../build/bundle.ts';
import { type Lambda, startLambda } from '../lambda/lambda.ts';
import {
  type SecretsManager,
  type SecretsManagerProps,
  startSecretsManager,
} from '../secrets-manager/secrets-manager.ts';
import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import { type Sns, startSns } from '../sns/sns.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const REGION = 'eu-central-1';
const FUNCTION_NAME = 'gitlab-token-rotation';
const RECOVERY_SECRET_NAME = 'recovery';

export interface CloudProps {
  /** The GitLab that the function rotates tokens of. */
  readonly gitlabUrl: string;
  /** More of the function's environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What is in the secret with the recovery credential. @default - there is none */
  readonly recoverySecretString?: string;
  /** A bundle that was built before. @default - it is built now */
  readonly bundle?: string;
  /** Where secrets are kept. @default - in memory */
  readonly stateFile?: string;
  /** Functions that are not ours: the base URL of the Lambda API of each, by its ARN. @default - none */
  readonly otherFunctions?: ReadonlyMap<string, string>;
  /** How often a failed rotation is tried. @default 2 */
  readonly maxAttempts?: number;
  /** The pause before the next try. @default 200 */
  readonly retryDelayMs?: number;
  /** What Secrets Manager does now one way and now another. @default - as it mostly does */
  readonly aws?: Pick<SecretsManagerProps, 'pendingLabelLingers' | 'rotationTokens'>;
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
}

/** The AWS side of the project on one machine: each a server on loopback. */
export interface Cloud extends AsyncDisposable {
  readonly secretsManager: SecretsManager;
  readonly sns: Sns;
  readonly lambda: Lambda;
  /** An operator's client, as the AWS CLI would have it. */
  readonly operator: SecretsManagerClient;
  readonly topicArn: string;
  /** ARN. Absent where there is none. */
  readonly recoverySecretId?: string;
}

/**
 * Builds the bundle that is deployed and starts everything around it that AWS
 * would provide. The function cannot tell the difference.
 */
export async function startCloud(props: CloudProps): Promise<Cloud> {
  await using servers = new AsyncDisposableStack();
  const { clock = MACHINE_CLOCK } = props;
  const bundle = props.bundle ?? buildBundle(servers);
  const sns = servers.use(await startSns({ region: REGION, clock }));
  const topicArn = sns.createTopic('gitlab-token-rotation-failures');
  let lambda: Lambda | undefined;
  const secretsManager = servers.use(
    await startSecretsManager({
      lambdaUrl: (functionArn) => props.otherFunctions?.get(functionArn) ?? lambda?.url ?? '',
      ...props.aws,
      maxAttempts: props.maxAttempts ?? 2,
      ...(props.retryDelayMs !== undefined && { retryDelayMs: props.retryDelayMs }),
      ...(props.stateFile !== undefined && { stateFile: props.stateFile }),
      clock,
    }),
  );
  const operator = operatorOf(secretsManager);
  servers.defer(() => operator.destroy());
  // Before the function, which learns of it by its environment.
  const recoverySecretId = await createRecoverySecret(operator, props.recoverySecretString);
  lambda = servers.use(
    await startLambda({
      bundle,
      functionName: FUNCTION_NAME,
      region: REGION,
      clock,
      environment: {
        GITLAB_URL: props.gitlabUrl,
        FAILURE_TOPIC_ARN: topicArn,
        TOKEN_LIFETIME_DAYS: '90',
        ...(recoverySecretId !== undefined && { RECOVERY_SECRET_ARN: recoverySecretId }),
        ...props.environment,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
        AWS_ENDPOINT_URL_SNS: sns.url,
      },
    }),
  );
  const running = servers.move();
  return {
    secretsManager,
    sns,
    lambda,
    operator,
    topicArn,
    ...(recoverySecretId !== undefined && { recoverySecretId }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** One message, as two kinds of subscribers get it. */
export interface Alert {
  readonly subject: string;
  readonly email: string;
  /** JSON of a chat custom notification. */
  readonly chat: string;
}

/** What the subscribers of the topic got so far. */
export function alertsOf({ sns }: Cloud): Alert[] {
  return sns.messages.map(({ subject = '', textFor }) => ({
    subject,
    email: textFor('email'),
    chat: textFor('https'),
  }));
}

function operatorOf({ url }: SecretsManager): SecretsManagerClient {
  return new SecretsManagerClient({
    region: REGION,
    endpoint: url,
    credentials: { accessKeyId: 'AKIDOPERATOR', secretAccessKey: 'unused' },
    // Its pauses would be the machine's, and a simulated clock would not wait for them.
    maxAttempts: 1,
    // As of one command after the other: a connection that has idled may be closed by now.
    requestHandler: { httpAgent: { keepAlive: false } },
  });
}

/** @returns its ARN */
async function createRecoverySecret(
  operator: SecretsManagerClient,
  SecretString: string | undefined,
): Promise<string | undefined> {
  if (SecretString === undefined) {
    return undefined;
  }
  const Name = RECOVERY_SECRET_NAME;
  const { ARN } = await operator.send(new CreateSecretCommand({ Name, SecretString }));
  return ARN;
}

/** The bundle that is deployed, for as long as the servers run. @returns its path */
export function buildBundle(servers: AsyncDisposableStack): string {
  const { path } = servers.use(createTemporaryFolder('gitlab-token-rotation-'));
  bundleLambda(path);
  return join(path, 'index.cjs');
}

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Cloud, CloudProps } from '../../../infra/local/cloud.ts';
import { startLambda } from '../../../infra/local/lambda/lambda.ts';
import { startSecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { startSns } from '../../../infra/local/sns/sns.ts';
import type { Name } from './world.ts';

/** What AWS does now one way and now another. */
export interface CloudVariant {
  /** `AWSPENDING` stays on the new version after a rotation. */
  readonly labelLingers: boolean;
  /** Events hold a RotationToken. */
  readonly rotationTokens: boolean;
}

/** In which world a sequence happens. */
export interface Variant extends CloudVariant {
  /** The secrets that hold nothing but their token. */
  readonly plainText: readonly Name[];
}

/** AWS as it mostly is, and secrets in JSON. */
export const USUAL: Variant = { labelLingers: false, rotationTokens: true, plainText: [] };

const REGION = 'eu-central-1';

/** The AWS side of a stage, as `startCloud` makes it, in a variant. */
export async function startVariant(
  props: CloudProps & { readonly bundle: string },
  { labelLingers, rotationTokens }: CloudVariant,
): Promise<Cloud> {
  await using servers = new AsyncDisposableStack();
  const { clock, bundle, maxAttempts, retryDelayMs } = props;
  const common = { region: REGION, ...(clock && { clock }) };
  const sns = servers.use(await startSns(common));
  const topicArn = sns.createTopic('gitlab-token-rotation-failures');
  let lambdaUrl = '';
  const secretsManager = servers.use(
    await startSecretsManager({
      ...common,
      lambdaUrl: () => lambdaUrl,
      ...(maxAttempts !== undefined && { maxAttempts }),
      ...(retryDelayMs !== undefined && { retryDelayMs }),
      pendingLabelLingers: labelLingers,
      rotationTokens,
    }),
  );
  const environment = {
    GITLAB_URL: props.gitlabUrl,
    FAILURE_TOPIC_ARN: topicArn,
    TOKEN_LIFETIME_DAYS: '90',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
    AWS_ENDPOINT_URL_SNS: sns.url,
  };
  const functionName = 'gitlab-token-rotation';
  const lambda = servers.use(await startLambda({ ...common, bundle, functionName, environment }));
  lambdaUrl = lambda.url;
  const operator = new SecretsManagerClient({
    region: REGION,
    endpoint: secretsManager.url,
    credentials: { accessKeyId: 'AKIDOPERATOR', secretAccessKey: 'unused' },
    maxAttempts: 1,
  });
  servers.defer(() => operator.destroy());
  const running = servers.move();
  return {
    ...{ secretsManager, sns, lambda, operator, topicArn },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

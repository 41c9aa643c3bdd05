import {
  CreateSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type GitLab, startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import {
  type SecretsManager,
  startSecretsManager,
} from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { type StandIn, startStandIn } from '../../../infra/local/server/stand-in.ts';
import { startSns } from '../../../infra/local/sns/sns.ts';
import { secretStringFor } from '../../rig/stage/held.ts';
import { createInstance, type Instance, type Invocation } from './instance.ts';

const REGION = 'eu-central-1';
const FUNCTION_ARN = `arn:aws:lambda:${REGION}:111122223333:function:bench`;

/** The services on the clock of this machine, and functions whose time is taken in their own process. */
export interface Workbench extends AsyncDisposable {
  readonly gitlab: GitLab;
  readonly secretsManager: SecretsManager;
  /** An instance that has not been started yet. */
  instanceOf(bundle: string): Instance;
  /** @param standby with a second token @returns the ARN of a secret with a token of a new project */
  createSecret(standby?: boolean): Promise<string>;
  /**
   * Lets the instance rotate the secret.
   *
   * @param isProfiled see {@link Instance}
   * @returns its invocations, in the order of the steps
   * @throws {Error} when the rotation fails
   */
  rotate(
    secretId: string,
    instance: Instance,
    isProfiled?: boolean,
  ): Promise<readonly Invocation[]>;
}

export async function startWorkbench(): Promise<Workbench> {
  await using servers = new AsyncDisposableStack();
  const gitlab = servers.use(await startGitLab());
  const sns = servers.use(await startSns({ region: REGION }));
  const serving = new Map<string, Serving>();
  const lambda = servers.use(await startLambda(serving));
  const secretsManager = servers.use(
    await startSecretsManager({ lambdaUrl: lambda.url, maxAttempts: 1 }),
  );
  const operator = servers.adopt(operatorOf(secretsManager), (client) => client.destroy());
  const environment = {
    GITLAB_URL: gitlab.url,
    FAILURE_TOPIC_ARN: sns.createTopic('bench'),
    TOKEN_LIFETIME_DAYS: '90',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
    AWS_ENDPOINT_URL_SNS: sns.url,
  };
  const running = servers.move();
  return {
    gitlab,
    secretsManager,
    instanceOf: (bundle) =>
      running.use(createInstance({ bundle, functionArn: FUNCTION_ARN, environment })),
    createSecret: (standby = false) => createSecret({ gitlab, operator }, standby),
    async rotate(secretId, instance, isProfiled = false) {
      const invocations: Invocation[] = [];
      serving.set(secretId, { instance, isProfiled, invocations });
      const input = { SecretId: secretId, RotationLambdaARN: FUNCTION_ARN };
      await operator.send(new RotateSecretCommand(input));
      const outcome = await secretsManager.rotationEnded(secretId);
      if (outcome?.kind !== 'succeeded') {
        throw new Error(`a rotation failed: ${invocations.at(-1)?.failure}`);
      }
      return invocations;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Which instance rotates a secret, and what it has said so far. */
interface Serving {
  readonly instance: Instance;
  readonly isProfiled: boolean;
  readonly invocations: Invocation[];
}

/** Hands each event to the instance for its secret. */
function startLambda(serving: ReadonlyMap<string, Serving>): Promise<StandIn> {
  return startStandIn({
    operationOf: ({ method }) => (method === 'POST' ? 'Invoke' : 'GetFunction'),
    answer: async ({ body }, operation) => {
      if (operation === 'GetFunction') {
        return { status: 200, body: '{}' };
      }
      const event = JSON.parse(body);
      const { instance, isProfiled, invocations } = serving.get(event.SecretId) ?? {};
      const invocation = await instance?.invoke(event, isProfiled);
      if (invocation === undefined) {
        return { status: 404, body: '{}' };
      }
      invocations?.push(invocation);
      const headers = { 'X-Amz-Function-Error': 'Unhandled' };
      return { status: 200, ...(invocation.failure !== undefined && { headers }), body: 'null' };
    },
  });
}

async function createSecret(
  { gitlab, operator }: { readonly gitlab: GitLab; readonly operator: SecretsManagerClient },
  standby: boolean,
): Promise<string> {
  const name = `app-${gitlab.tokens.length + 1}`;
  const resource = gitlab.addProject({ path: `group/${name}` });
  const create = () => gitlab.createAccessToken({ resource, scopes: ['self_rotate'] });
  const created = create();
  const second = standby ? create() : undefined;
  const SecretString = secretStringFor(
    'JSON',
    resource,
    created,
    second && { token: second.token, tokenId: second.id },
  );
  const { ARN = '' } = await operator.send(new CreateSecretCommand({ Name: name, SecretString }));
  return ARN;
}

function operatorOf({ url }: SecretsManager): SecretsManagerClient {
  return new SecretsManagerClient({
    region: REGION,
    endpoint: url,
    credentials: { accessKeyId: 'AKIDOPERATOR', secretAccessKey: 'unused' },
  });
}

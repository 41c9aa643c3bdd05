import {
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import {
  type SecretsManager,
  type SecretsManagerProps,
  startSecretsManager,
} from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { type StandIn, startStandIn } from '../../../infra/local/server/stand-in.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';
import { withoutBackoff } from './no-backoff.ts';

/** The event of one invocation, as Secrets Manager sends it. */
export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly RotationToken?: string;
}

/** What the function of a test does in a step; it fails by throwing. */
export type Script = (event: RotationEvent) => unknown;

/** Both servers, and the two who call. */
export interface Rig extends AsyncDisposable {
  readonly secretsManager: SecretsManager;
  /** The caller that is not the function. */
  readonly client: SecretsManagerClient;
  /** The function's own client. */
  readonly functionClient: SecretsManagerClient;
  readonly lambda: StandIn;
  /** Every event that reached the function, oldest first. */
  readonly invocations: readonly RotationEvent[];
  /** Replaces what the function does. */
  script(next: Script): void;
}

/** The only function that there is. */
export const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:rotate';

/** The same function under another name. */
export const FUNCTION_ALIAS_ARN = `${FUNCTION_ARN}:live`;

/** A Secrets Manager, and a Lambda API with one function whose steps the test writes. */
export async function startRig(props: SecretsManagerProps = {}): Promise<Rig> {
  const invocations: RotationEvent[] = [];
  let script: Script = () => undefined;
  const lambda = await startLambda((event) => {
    invocations.push(event);
    return script(event);
  });
  const secretsManager = await startSecretsManager({
    lambdaUrl: lambda.url,
    retryDelayMs: 1,
    ...props,
  });
  const backoff = withoutBackoff();
  const client = clientOf(secretsManager, 'AKIDOPERATOR');
  const functionClient = clientOf(secretsManager, 'AKIDFUNCTION');

  return {
    secretsManager,
    client,
    functionClient,
    lambda,
    invocations,
    script(next) {
      script = next;
    },
    async [Symbol.asyncDispose]() {
      backoff[Symbol.dispose]();
      client.destroy();
      functionClient.destroy();
      await secretsManager[Symbol.asyncDispose]();
      await lambda[Symbol.asyncDispose]();
    },
  };
}

/** GetFunction and Invoke of Lambda's API, for the one function. */
function startLambda(run: Script): Promise<StandIn> {
  return startStandIn({
    operationOf: ({ path }) => (path.endsWith('/invocations') ? 'Invoke' : 'GetFunction'),
    async answer({ path, body }, operation): Promise<Answer> {
      const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)/.exec(path) ?? [];
      if (![FUNCTION_ARN, FUNCTION_ALIAS_ARN].includes(decodeURIComponent(name))) {
        return { status: 404, body: '{}' };
      }
      if (operation === 'GetFunction') {
        return { status: 200, body: '{}' };
      }
      try {
        await run(JSON.parse(body) as RotationEvent);
        return { status: 200, body: 'null' };
      } catch (error) {
        const { name: errorType, message: errorMessage } = error as Error;
        return {
          status: 200,
          headers: { 'x-amz-function-error': 'Unhandled' },
          body: JSON.stringify({ errorType, errorMessage }),
        };
      }
    },
  });
}

/** A client of the real SDK under a key of its own; to be destroyed by the test. */
export function clientOf(
  { url }: StandIn,
  accessKeyId: string,
  config: SecretsManagerClientConfig = {},
): SecretsManagerClient {
  return new SecretsManagerClient({
    ...config,
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId, secretAccessKey: 'unused' },
  });
}

/** Calls an operation without the SDK, which would add members of its own. */
export async function callRaw(
  { url }: StandIn,
  operation: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `secretsmanager.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDRAW/20260101/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=none',
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

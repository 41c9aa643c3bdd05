import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import {
  Architecture,
  Code,
  type EventInvokeConfigOptions,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledged.ts';
import { DEFAULT_LIFETIME } from './checks/schedule.ts';
import type { Network } from './network.ts';
import type { Permissions } from './permissions.ts';
import type { GitLabTokenRotationProps } from './props.ts';

/** The folder of the bundle, which `npm run build` makes. */
const LAMBDA_BUNDLE = join(import.meta.dirname, '..', '..', 'dist', 'lambda');

const CA_FILE = 'gitlab-ca.pem';

/** What a function has of its own. The code, and how it is kept, are the same for all. */
export interface FunctionParts {
  readonly description: string;
  /** An export of the bundle. */
  readonly handler: 'handler' | 'watch';
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: ILogGroup;
  readonly permissions: Permissions;
  readonly network: Network | undefined;
  /** For a function that nobody waits for. */
  readonly invocation?: EventInvokeConfigOptions;
}

/** Creates the function that Secrets Manager invokes. */
export function createRotationFunction(
  scope: Construct,
  props: GitLabTokenRotationProps,
  parts: Pick<FunctionParts, 'environment' | 'logGroup' | 'permissions' | 'network'>,
): LambdaFunction {
  return createFunction(scope, props, {
    ...parts,
    description: 'Rotates GitLab tokens in AWS Secrets Manager',
    handler: 'handler',
    // The function's own time-outs add up to this; what lasts longer could meet the next attempt.
    timeout: Duration.seconds(60),
    // By `npm run bench`. Of 128 MB, a process that has rotated often uses most, and one that runs out of
    // memory can lose a new token. Above 256 MB little gets shorter but a cold start, and that is over
    // before GitLab rotates anything. A thousand tokens cost less than a dollar a year at any size.
    memorySize: props.memorySize ?? 256,
  });
}

export function createFunction(
  scope: Construct,
  { certificateAuthority, environmentEncryptionKey }: GitLabTokenRotationProps,
  parts: FunctionParts,
): LambdaFunction {
  const { permissions, network, handler, invocation, ...others } = parts;
  const created = withCode(
    certificateAuthority,
    (code) =>
      new LambdaFunction(scope, 'Function', {
        ...others,
        code,
        handler: `index.${handler}`,
        runtime: Runtime.NODEJS_24_X,
        architecture: Architecture.ARM_64,
        role: permissions.role,
        loggingFormat: LoggingFormat.JSON,
        ...invocation,
        ...(environmentEncryptionKey && { environmentEncryption: environmentEncryptionKey }),
        ...network?.vpcProps,
      }),
  );
  // No reserved concurrency, which can stop a rotation between two steps, and no dead-letter queue:
  // Secrets Manager waits for answers, and the watch has a destination.
  acknowledge(created, 'LambdaConcurrency', 'LambdaDLQ', 'LambdaInsideVPC', 'LambdaTracing');
  if (network?.policy) {
    created.node.addDependency(network.policy);
  }
  return created;
}

/** The variables that do not depend on the secrets. */
export function functionEnvironment(
  props: GitLabTokenRotationProps,
  failureTopic: ITopic,
): Record<string, string> {
  const { recoverySecret, tokenField, projectId, certificateAuthority, httpsProxy } = props;
  const { tokenLifetime = DEFAULT_LIFETIME, noProxy } = props;
  return {
    GITLAB_URL: props.gitlabUrl,
    FAILURE_TOPIC_ARN: failureTopic.topicArn,
    TOKEN_LIFETIME_DAYS: String(tokenLifetime.toDays()),
    ...(props.alternatingTokens && { ALTERNATING_TOKENS: 'true' }),
    ...(recoverySecret && { RECOVERY_SECRET_ARN: recoverySecret.secretArn }),
    ...(tokenField !== undefined && { TOKEN_FIELD: tokenField }),
    ...(projectId !== undefined && { GITLAB_PROJECT_ID: projectId }),
    // Lambda unpacks the code there.
    ...(certificateAuthority !== undefined && { GITLAB_CA_FILE: `/var/task/${CA_FILE}` }),
    ...(httpsProxy !== undefined && { HTTPS_PROXY: httpsProxy }),
    ...(noProxy !== undefined && { NO_PROXY: noProxy }),
  };
}

/**
 * With the bundle, or with a copy of it, which lasts until CDK has its own: beside the CA file, or
 * because Lambda could not read the bundle.
 */
function withCode<T>(certificateAuthority: string | undefined, use: (code: Code) => T): T {
  const bundle = join(LAMBDA_BUNDLE, 'index.cjs');
  if (!existsSync(bundle)) {
    throw new Error(`the code of the function is missing, ${bundle}: run npm run build`);
  }
  if (certificateAuthority === undefined && isForAll(bundle)) {
    return use(Code.fromAsset(LAMBDA_BUNDLE));
  }
  const folder = mkdtempSync(join(tmpdir(), 'gitlab-token-rotation-'));
  try {
    copyForAll(bundle, join(folder, 'index.cjs'));
    if (certificateAuthority !== undefined) {
      copyForAll(certificateAuthority, join(folder, CA_FILE));
    }
    return use(Code.fromAsset(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * A package that was installed under umask 077 is for its owner alone. So would the code in Lambda
 * be: CDK's archives keep the modes of files.
 */
function isForAll(path: string): boolean {
  return (statSync(path).mode & 0o444) === 0o444;
}

function copyForAll(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o644);
}

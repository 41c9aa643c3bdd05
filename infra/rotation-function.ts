import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage, Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { bundleLambda, LAMBDA_FOLDER } from './bundling.ts';
import { readCaFile } from './synth-checks.ts';

/** What the function rotates, and how it reaches GitLab. */
export interface RotationFunctionProps {
  /**
   * The secret that holds the token. It may still be empty when it is deployed.
   *
   * One that is encrypted with a KMS key of its own must know that key: import
   * it with `Secret.fromSecretAttributes`.
   */
  readonly secret: ISecret;

  /**
   * The GitLab that the token belongs to, such as `https://gitlab.example.com`.
   * The token is sent nowhere else, whatever the secret says.
   */
  readonly gitlabUrl: string;

  /**
   * How long each new token lives: 2 to 400 whole days. GitLab's own maximum is
   * usually 365.
   *
   * Must outlive one interval and a margin of a week, and two intervals where
   * the secret holds alternating tokens.
   *
   * @default Duration.days(90)
   */
  readonly tokenLifetime?: Duration;

  /**
   * The secret with the recovery credential: a token of a person or a service
   * account, with the scope `api`, who is Maintainer of the project or Owner of
   * the group. With it a token whose value was lost is rotated once more. It has
   * the same shapes as `secret`, and is only read.
   *
   * It must be known by its full ARN, as with `Secret.fromSecretCompleteArn`, be
   * in the region of the function, and know the KMS key that encrypts it where
   * it has one of its own (`Secret.fromSecretAttributes`).
   *
   * One of another account needs such a key. There, the policy of the secret must
   * allow the role of the function `secretsmanager:GetSecretValue`, and the
   * policy of the key `kms:Decrypt`. The same goes for the policy of a key in
   * this account that does not leave it to IAM who may use it.
   *
   * @default - a token whose value was lost is replaced by a person
   */
  readonly recoverySecret?: ISecret;

  /**
   * The member of a JSON secret that holds the token.
   *
   * @default token
   */
  readonly tokenField?: string;

  /**
   * The project of the token, a number or a full path, for a secret that names
   * neither `projectId` nor `groupId` itself.
   *
   * @default - the token is rotated without naming its project
   */
  readonly projectId?: string;

  /**
   * A local PEM file with the certificates of the authority that GitLab's own
   * certificate rests on. It is deployed with the code.
   *
   * @default - the authorities that Node.js trusts
   */
  readonly gitlabCaFile?: string;

  /**
   * The proxy through which GitLab is reached: a URL without credentials. AWS is
   * reached without it.
   *
   * @default - GitLab is reached directly
   */
  readonly httpsProxy?: string;

  /**
   * Hosts that are reached without the proxy, separated by commas or blanks:
   * `gitlab.example.com` or `.example.com` with all below it, `*.example.com` for
   * what is below it alone, single IP addresses, each perhaps with a `:port`, or
   * `*`. Ranges (`10.0.0.0/8`) are not supported.
   *
   * @default - none
   */
  readonly noProxy?: string;

  /**
   * The network from which GitLab is reached. Secrets Manager and SNS must be
   * within reach too, through NAT or interface endpoints.
   *
   * @default - the network of Lambda, from which only a public GitLab is reached
   */
  readonly vpc?: IVpc;

  /**
   * Where in the `vpc` the function is placed.
   *
   * @default - in its private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the function in the `vpc`.
   *
   * @default - a new one that allows everything outbound
   */
  readonly securityGroups?: ISecurityGroup[];
}

interface RotationFunctionSettings extends RotationFunctionProps {
  readonly alternatingTokens?: boolean;
  readonly tokenLifetime: Duration;
  readonly role: Role;
  readonly logGroup: ILogGroup;
  readonly failureTopic: ITopic;
}

/** Creates the function that Secrets Manager invokes. */
export function createRotationFunction(
  scope: Construct,
  settings: RotationFunctionSettings,
): LambdaFunction {
  const { role, logGroup, vpc, vpcSubnets, securityGroups } = settings;
  return new LambdaFunction(scope, 'Function', {
    description: 'Rotates a GitLab token in AWS Secrets Manager',
    code: rotationCode(settings.gitlabCaFile),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    // The function's own time-outs add up to this; what lasts longer could meet
    // the next attempt.
    timeout: Duration.seconds(60),
    // No reserved concurrency, which can stop a rotation between two steps, and
    // no dead-letter queue, which never fills: Secrets Manager waits for answers.
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    environment: environmentOf(settings),
    ...(vpc && { vpc }),
    ...(vpcSubnets && { vpcSubnets }),
    ...(securityGroups && { securityGroups }),
  });
}

const CA_FILE = 'gitlab-ca.pem';

function environmentOf(settings: RotationFunctionSettings): Record<string, string> {
  const { recoverySecret, tokenField, projectId, gitlabCaFile, httpsProxy, noProxy } = settings;
  return {
    GITLAB_URL: settings.gitlabUrl,
    FAILURE_TOPIC_ARN: settings.failureTopic.topicArn,
    TOKEN_LIFETIME_DAYS: String(settings.tokenLifetime.toDays()),
    ...(settings.alternatingTokens === true && { ALTERNATING_TOKENS: 'true' }),
    ...(recoverySecret && { RECOVERY_SECRET_ARN: recoverySecret.secretArn }),
    ...(tokenField !== undefined && { TOKEN_FIELD: tokenField }),
    ...(projectId !== undefined && { GITLAB_PROJECT_ID: projectId }),
    // Lambda unpacks the code there.
    ...(gitlabCaFile !== undefined && { GITLAB_CA_FILE: `/var/task/${CA_FILE}` }),
    ...(httpsProxy !== undefined && { HTTPS_PROXY: httpsProxy }),
    ...(noProxy !== undefined && { NO_PROXY: noProxy }),
  };
}

/**
 * The bundle, and beside it the CA file where there is one.
 *
 * `NodejsFunction` would do the same through esbuild's command line. Called
 * here, it is one function that `npm run build` shares.
 */
function rotationCode(gitlabCaFile: string | undefined): Code {
  const ca = gitlabCaFile === undefined ? undefined : readCaFile(gitlabCaFile);
  return Code.fromAsset(LAMBDA_FOLDER, {
    assetHashType: AssetHashType.OUTPUT,
    // CDK bundles once for equal options, and does not look into `tryBundle`:
    // without this, two functions of one app would share the first one's CA.
    ...(ca !== undefined && { extraHash: ca }),
    bundling: {
      // Asked for by the type; never used, since `tryBundle` always bundles.
      image: DockerImage.fromRegistry('unused'),
      local: {
        tryBundle(outdir) {
          bundleLambda(outdir);
          if (ca !== undefined) {
            writeFileSync(join(outdir, CA_FILE), ca);
          }
          return true;
        },
      },
    },
  });
}

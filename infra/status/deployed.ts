import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { AwsAccess } from '../app/access.ts';
import { readRotationFile } from '../app/rotation-file.ts';
import { type RotationSettings, STACK_NAME } from '../app/settings/schema.ts';
import { secretNameOf } from '../app/settings/secret.ts';
import type { DeployedWatch } from './ask-watch.ts';
import { explainError } from './failures.ts';

export interface FindWatchProps {
  readonly findAccess: () => Promise<AwsAccess>;
  /** Of the AWS CLI, if one was chosen. */
  readonly profile?: string | undefined;
  /** Of the secrets to look at; all if there are none. */
  readonly names: readonly string[];
  /** @default - that of this checkout */
  readonly rotationFile?: string;
}

/**
 * Finds the watch of rotation.json where `npm run deploy` has deployed it.
 *
 * @throws {Error} with what to do
 */
export async function findWatch({
  findAccess,
  profile,
  names,
  rotationFile,
}: FindWatchProps): Promise<DeployedWatch> {
  const settings = readRotationFile(rotationFile);
  const secrets = secretsOf(settings, names);
  const { stackName = STACK_NAME } = settings;
  const access = await findAccess();
  const functionArn = await readWatchArn(stackName, access, profile);
  const client = new LambdaClient(access);
  return {
    title: `${stackName} in ${access.region}`,
    client,
    functionArn,
    secrets,
    profile,
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

/**
 * The secrets that the schedule gives to the watch, by their names or ARNs in rotation.json.
 *
 * @param names @default - all
 */
export function secretsOf(
  { secrets }: Pick<RotationSettings, 'secrets'>,
  names: readonly string[] = [],
): readonly string[] {
  const known = secrets.map(secretNameOf);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `rotation.json has no secret ${unknown.join(', ')}. It has: ${known.join(', ')}`,
    );
  }
  return secrets
    .filter((each) => names.length === 0 || names.includes(secretNameOf(each)))
    .map((each) => each.arn ?? secretNameOf(each));
}

async function readWatchArn(
  stackName: string,
  access: AwsAccess,
  profile: string | undefined,
): Promise<string> {
  const client = new CloudFormationClient(access);
  const place = `The stack ${stackName} in ${access.region}`;
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stackName }))
    .catch(async (error: unknown) => {
      const asked = { action: 'cloudformation:DescribeStacks', target: stackName, profile };
      throw isMissingStack(error)
        ? new Error(
            `${place} does not exist. Deploy it (npm run deploy), or look where it is: AWS_REGION=<region> npm run status -- --profile <name>. Without AWS: npm run status -- --local`,
          )
        : await explainError(error, asked);
    })
    .finally(() => client.destroy());
  const outputs = Stacks.flatMap(({ Outputs = [] }) => Outputs);
  const arn = outputs.find(({ OutputKey }) => OutputKey === 'WatchFunctionArn')?.OutputValue;
  if (arn === undefined) {
    throw new Error(
      `${place} has no watch yet: an earlier version made it, or its first deployment did not end. Deploy again: npm run deploy`,
    );
  }
  return arn;
}

/** CloudFormation has no name of its own for it. */
function isMissingStack(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ValidationError' &&
    error.message.includes('does not exist')
  );
}

import { type ICloudAssemblySource, type Toolkit, ToolkitError } from '@aws-cdk/toolkit-lib';

/** A stack, once it is deployed. */
export interface DeployedStack {
  readonly region: string;
  readonly functionArn: string;
}

/** Names of the toolkit's errors before it has reached AWS. */
const CREDENTIALS_ERROR = /^(?:UnresolvedAccount|NoCredentials|AssumeRole\w*|Expired\w*)$/;

/**
 * Deploys the one stack of an app by a change set, which CloudFormation makes before anything changes.
 *
 * @throws {Error} where CloudFormation or the credentials fail
 * @returns undefined when the gate of the toolkit has let nothing pass, and has said why
 */
export async function deployStack(
  toolkit: Toolkit,
  source: ICloudAssemblySource,
): Promise<DeployedStack | undefined> {
  try {
    const { stacks } = await toolkit.deploy(source, { deploymentMethod: { method: 'change-set' } });
    const { stackArn = '', outputs } = stacks[0] ?? {};
    // The environment of a stack that goes anywhere has no region.
    const [, , , region = ''] = stackArn.split(':');
    return { region, functionArn: outputs?.['FunctionArn'] ?? '' };
  } catch (error) {
    if (ToolkitError.isAbortError(error)) {
      return undefined;
    }
    if (error instanceof Error && CREDENTIALS_ERROR.test(error.name)) {
      throw new Error(
        `AWS does not take the credentials, or there are none: ${error.message}. Log in, until this works: aws sts get-caller-identity`,
        { cause: error },
      );
    }
    throw error;
  }
}

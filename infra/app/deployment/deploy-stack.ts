import {
  type DeployedStack,
  type ICloudAssemblySource,
  type Toolkit,
  ToolkitError,
} from '@aws-cdk/toolkit-lib';

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
    return stacks[0];
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

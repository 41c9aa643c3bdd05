import { type ICloudAssemblySource, type Toolkit, ToolkitError } from '@aws-cdk/toolkit-lib';
import type { DeploymentGate } from './gate.ts';

/** A stack, once it is deployed. */
export interface DeployedStack {
  readonly region: string;
  readonly functionArn: string;
  readonly topicArn: string;
}

/**
 * Deploys the one stack of an app by a change set, which CloudFormation makes before anything changes.
 *
 * @throws {Error} where CloudFormation or the credentials fail
 * @returns undefined when the gate of the toolkit has let nothing pass, and has said why
 */
export async function deployStack(
  toolkit: Toolkit,
  source: ICloudAssemblySource,
  gate: DeploymentGate,
): Promise<DeployedStack | undefined> {
  try {
    const { stacks } = await toolkit.deploy(announced(source, gate), {
      deploymentMethod: { method: 'change-set' },
    });
    const { stackArn = '', outputs } = stacks[0] ?? {};
    // The environment of a stack that goes anywhere has no region.
    const [, , , region = ''] = stackArn.split(':');
    return {
      region,
      functionArn: outputs?.['FunctionArn'] ?? '',
      topicArn: outputs?.['FailureTopicArn'] ?? '',
    };
  } catch (error) {
    if (ToolkitError.isAbortError(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Tells the gate where the stack goes, which the toolkit does not. */
function announced(source: ICloudAssemblySource, gate: DeploymentGate): ICloudAssemblySource {
  return {
    async produce() {
      const assembly = await source.produce();
      const [stack] = assembly.cloudAssembly.stacks;
      if (stack) {
        const { stackName, environment } = stack;
        gate.target = { stackName, account: environment.account, region: environment.region };
      }
      return assembly;
    },
  };
}

import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { GitLabTokenRotation, GitLabTokenRotationProps } from '../../../infra/index.ts';
import type { CloudProps } from '../../../infra/local/cloud/cloud.ts';
import { codeOf, createApp, onlyResource, rotationOf } from '../../infra/cdk-app.ts';

/** Of the local cloud. */
export const TOPIC_ARN = 'arn:aws:sns:eu-central-1:111122223333:gitlab-token-rotation-failures';

/**
 * The function that a deployment would make: its code is the asset of the synthesised stack, and its
 * variables are those of the template, with what CloudFormation and Lambda put in place of references
 * and of `/var/task`.
 *
 * @param addSecrets - `addSecret` for each
 */
export function deployedFunction(
  props: Partial<GitLabTokenRotationProps>,
  addSecrets: (rotation: GitLabTokenRotation) => void,
): Pick<CloudProps, 'bundle' | 'environment'> {
  const env = { account: '111122223333', region: 'eu-central-1' };
  const stack = new Stack(createApp(), 'Deployed', { env });
  addSecrets(rotationOf(stack, props));
  const template = Template.fromStack(stack);
  const code = codeOf(stack);
  const physicalId = (variable: unknown): string => {
    const { id } = onlyResource(template, 'AWS::SNS::Topic');
    if (Object(variable).Ref !== id) {
      throw new Error(`a variable is ${JSON.stringify(variable)}: no text, and not the topic`);
    }
    return TOPIC_ARN;
  };
  const { Properties } = onlyResource(template, 'AWS::Lambda::Function');
  const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
  const environment = Object.entries(Variables).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replace(/^\/var\/task(?=\/)/, code) : physicalId(value),
  ]);
  return { bundle: join(code, 'index.cjs'), environment: Object.fromEntries(environment) };
}

import { CfnResource, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { RotatedSecret } from '../secret.ts';

/** What CloudFormation allows in a stack. */
const MOST_RESOURCES = 500;

/** A problem if the stack has too many resources, once all secrets are in it: how many of them fit. */
export function resourceProblems(scope: Construct, secrets: readonly RotatedSecret[]): string[] {
  const stack = Stack.of(scope);
  const resources = countIn(stack, stack);
  let excess = resources - MOST_RESOURCES;
  if (excess <= 0) {
    return [];
  }
  let fitting = secrets.length;
  while (excess > 0 && fitting > 0) {
    fitting -= 1;
    excess -= countIn(secrets[fitting]?.scope ?? scope, stack);
  }
  return [
    `addSecret: the stack would have ${resources} resources, and CloudFormation allows ${MOST_RESOURCES}: the first ${fitting} of ${secrets.length} secrets fit. Each takes 3 with create, and 1 without. Add the others in a second stack, with a construct of its own`,
  ];
}

/** Not those of nested stacks, which have a limit of their own. */
function countIn(construct: Construct, stack: Stack): number {
  return construct.node
    .findAll()
    .filter((each) => CfnResource.isCfnResource(each) && each.stack === stack).length;
}

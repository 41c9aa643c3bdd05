import { CfnResource, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { RotatedSecret } from '../secret.ts';

/** What CloudFormation allows in a stack. */
const MOST_RESOURCES = 500;

/** Of each stack: the secrets of all its constructs, the first of which reports for all. */
const constructsOf = new WeakMap<Stack, [Construct, readonly RotatedSecret[]][]>();

/** @param secrets to which more are added later */
export function countResources(scope: Construct, secrets: readonly RotatedSecret[]): void {
  const stack = Stack.of(scope);
  constructsOf.set(stack, [...(constructsOf.get(stack) ?? []), [scope, secrets]]);
}

/** A problem if the stack has too many resources, once all secrets are in it: how many of them fit. */
export function resourceProblems(scope: Construct): string[] {
  const stack = Stack.of(scope);
  const constructs = constructsOf.get(stack) ?? [];
  const resources = countIn(stack, stack);
  if (resources <= MOST_RESOURCES || constructs[0]?.[0] !== scope) {
    return [];
  }
  const secrets = constructs.flatMap(([, ofOne]) => ofOne);
  let left = resources;
  let fitting = secrets.length;
  while (left > MOST_RESOURCES && fitting > 0) {
    fitting -= 1;
    left -= countIn(secrets[fitting]?.scope ?? scope, stack);
  }
  if (fitting === 0) {
    return [
      `addSecret: the stack has ${left} resources without secrets, and CloudFormation allows ${MOST_RESOURCES}: there is no room for secrets. Give the construct a stack of its own`,
    ];
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

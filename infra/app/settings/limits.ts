import type { IConstruct } from 'constructs';

/** What the construct says of a limit, and for rotation.json its path and what can be done there. */
interface Limit {
  readonly ofConstruct: RegExp;
  readonly path: string;
  readonly advice: string;
}

const OTHER_STACK =
  'put some of the secrets into another stack: the rotation.json of a second checkout, with another stackName';

const LIMITS: readonly Limit[] = [
  {
    ofConstruct: /^role: /,
    path: 'roleArn',
    advice: `Take roleArn away, for a new role has room for more (permissionsBoundaryArn limits it); or ${OTHER_STACK} and another roleArn`,
  },
  {
    ofConstruct: /^watchRole: /,
    path: 'watchRoleArn',
    advice: `Take watchRoleArn away, for new roles have room for more (permissionsBoundaryArn limits them); or ${OTHER_STACK} and another watchRoleArn`,
  },
  {
    ofConstruct: /^addSecret: (?=the environment)/,
    path: 'secrets',
    advice:
      'Set tokenLifetimeDays, alternatingTokens, tokenField and projectId at the top where most secrets agree, and at a secret only where it differs; or keep projectId in the secret',
  },
  {
    ofConstruct: /^addSecret: (?=the role)/,
    path: 'secrets',
    advice: `Encrypt the secrets with fewer keys, or ${OTHER_STACK}`,
  },
  {
    ofConstruct: /^addSecret: (?=the secrets are in)/,
    path: 'secrets',
    advice: `Give fewer secrets of other accounts, or ${OTHER_STACK}`,
  },
  {
    ofConstruct: /^addSecret: (?=the stack)/,
    path: 'secrets',
    advice: `Each takes 3 with create, and 1 without. Take create away where the secret exists already, which keeps it; or ${OTHER_STACK}`,
  },
];

/** A problem of the construct with all its secrets, as `prop: what is wrong. Advice`. */
function limitProblem(message: string): string {
  const limit = LIMITS.find(({ ofConstruct }) => ofConstruct.test(message));
  const [problem = ''] = message.split('. ');
  return limit === undefined
    ? message
    : `${limit.path}: ${problem.replace(limit.ofConstruct, '')}. ${limit.advice}`;
}

/**
 * What all secrets together make too large, once each is in the stack, and CDK has divided the
 * policies.
 *
 * @param rotation the construct
 */
export function problemsOfLimits(rotation: IConstruct): string[] {
  return rotation.node.validate().map(limitProblem);
}

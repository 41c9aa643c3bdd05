import { type Details, isAfterCreate } from '../failure.ts';
import {
  action,
  type Cause,
  type CauseInput,
  type CauseOf,
  promoteCommands,
  versionName,
  wordOf,
} from './advice-actions.ts';
import { expiresTooSoon } from './advice-expiry.ts';
import { sameTokenTwice, withoutStandby } from './advice-standby.ts';

/** Causes on the side of AWS: the function, the rotation, the secret. */
export const AWS_CAUSES = {
  CONFIG_INVALID: ({ commands }) => ({
    happened: 'The configuration of the function is not valid, so it did nothing.',
    fix: [
      action('See what the function is configured with.', commands.environment),
      action('Correct each problem that the message below names, in the stack, and deploy it.'),
    ],
    next: 'retry',
  }),

  EVENT_INVALID: ({ about: { step }, commands }) => ({
    happened:
      'The function was invoked with something that is no rotation event of Secrets Manager, so it did nothing.',
    // In a later step a rotation may be open, which does not get through so.
    ...(!isAfterCreate(step) && { affected: 'Nobody: nothing was changed.' }),
    fix: [
      action('If somebody invoked it by hand: start a rotation in this way.', commands.rotate),
      action('If nobody did: see who may invoke the function.', commands.policy),
    ],
    next: isAfterCreate(step) ? 'settle' : 'nothing',
  }),

  ROTATION_NOT_ENABLED: ({ commands }) => ({
    happened:
      'Rotation is not enabled for this secret. Perhaps it was cancelled while it ran (cancel-rotate-secret).',
    fix: [
      action('Find out whether somebody switched rotation off on purpose.', commands.describe),
      action(
        'This switches it on again, with the function and the schedule that it had, and rotates at once. Look at the labels below first.',
        commands.rotate,
      ),
    ],
    next: 'settle',
  }),

  VERSION_NOT_STAGED: (input) => {
    const { about, commands } = input;
    const version = versionName(about);
    return {
      happened: `AWSPENDING should be on ${version} and is not, or that version has lost its value. This rotation was given up, or somebody moved the label, or put a new value while it ran.`,
      fix: [
        action('See which version holds which label.', commands.labels),
        action(`See whether ${version} has a value.`, commands.hasValue),
        action(
          `Only if it has one, and GitLab does not accept the token in AWSCURRENT any more: make ${version} current. Do not wait: AWS may delete a version without a label.`,
          ...promoteCommands(input),
        ),
        action('If the token in AWSCURRENT is alive, rotate again.', commands.rotate),
      ],
      next: 'nothing',
    };
  },

  SECRET_MISSING: ({ commands }) => ({
    happened:
      'The secret has no value to rotate, or it does not exist, or it is marked for deletion.',
    affected: 'Whoever reads this secret: there is nothing to read.',
    fix: [
      action('See what the secret says of itself.', commands.describe),
      action('If it shows a DeletedDate, and it should live: restore it.', commands.restore),
      action(
        'If it has no value: put the first token. As a JSON object (needs jq); paste the command alone, it then waits, unseen, for the token and Enter:',
        commands.putNewJson,
      ),
      action('Or as the bare token, in the same way:', commands.putPlain),
    ],
    next: 'settle',
  }),

  SECRET_MALFORMED: (input) => malformedStandby(input) ?? malformed(input),

  STORE_UNAVAILABLE: ({ about: { details } }) => ({
    happened: `Secrets Manager did not answer, or could not serve the request${inOperation(details)}.`,
    fix: [
      action(
        'If it lasts: see the AWS Health Dashboard. In a VPC, check that the function reaches Secrets Manager: its interface endpoint, or a route to the internet, and the security groups.',
      ),
    ],
    next: 'retry',
  }),

  STORE_DENIED: (input) =>
    isRequestRefused(input.about.details) ? requestRefused(input) : accessDenied(input),

  NOT_ENOUGH_TIME: ({ commands }) => ({
    happened:
      'Too little of the time-out of the function was left to rotate and to store the answer, so it did not begin.',
    fix: [
      action('Check the time-out of the function: it should be 60 seconds.', commands.timeout),
      action(
        'If it is: GitLab or Secrets Manager was slow. See how long each call took.',
        commands.logs,
      ),
    ],
    next: 'retry',
  }),

  NOT_PROMOTED: (input) =>
    input.about.details['replacedByHand'] === true ? replacedByHand(input) : notPromoted(input),

  UNEXPECTED: ({ commands }) => ({
    happened: 'The function met an error that nobody foresaw.',
    fix: [
      action('Read what the function logged.', commands.logs),
      action('See which version holds which label.', commands.labels),
    ],
    next: 'retry',
  }),

  EXPIRES_TOO_SOON: expiresTooSoon,
} as const satisfies Record<string, CauseOf>;

function malformedStandby(input: CauseInput): Cause | undefined {
  const { missing, duplicate } = input.about.details;
  if (duplicate === 'standby') {
    return sameTokenTwice(input);
  }
  return missing === 'standby' ? withoutStandby(input) : undefined;
}

function malformed({ commands }: CauseInput): Cause {
  return {
    happened:
      'The value of the secret has neither of the two forms: a JSON object with the token in a field of its own, or the bare token without quotes. What is wrong with it stands in the message below.',
    affected:
      'Nobody through this rotation, which changed nothing. Consumers that expect another form fail already.',
    fix: [
      action(
        'Correct the value. In the console (Secrets Manager, the secret, Retrieve secret value, Edit) all other fields stay as they are.',
      ),
      action(
        'If it is to be the bare token: paste the command alone, it then waits, unseen, for the token and Enter.',
        commands.putPlain,
      ),
    ],
    next: 'settle',
  };
}

function accessDenied({ about: { details }, commands }: CauseInput): Cause {
  return {
    happened: `Secrets Manager or KMS refused the function${inOperation(details)}.`,
    fix: [
      action('See which role the function has.', commands.role),
      action(
        'The role needs, on this secret: secretsmanager:DescribeSecret, GetSecretValue, ListSecretVersionIds, PutSecretValue and UpdateSecretVersionStage. Check the policy of the secret itself too.',
      ),
      action(
        'See which KMS key the secret has. With a key of your own the role needs kms:Decrypt and kms:GenerateDataKey, and the key must be enabled.',
        commands.key,
      ),
    ],
    next: 'retry',
  };
}

/** Secrets Manager called the request itself wrong, for the state that the secret is in. */
function isRequestRefused(details: Details): boolean {
  return details['reason'] === 'request-refused';
}

/** Its text is not passed on, but CloudTrail keeps it. */
const FIND_REFUSAL = action(
  'Read why: CloudTrail has the words of Secrets Manager (errorMessage of the event that has the name of the operation and the awsRequestId below).',
);

function requestRefused({ about: { details }, commands }: CauseInput): Cause {
  return {
    happened: `Secrets Manager refused what the function asked for${inOperation(details)}. As a rule the state of the secret is the reason, no missing permission.`,
    fix: [
      FIND_REFUSAL,
      action(
        'See what the secret says of itself. If it has an OwningService, another service of AWS manages it, and only that one may change it.',
        commands.describe,
      ),
      ...(wordOf(details, 'error')?.startsWith('KMS')
        ? [action('See which KMS key the secret has. The key must be enabled.', commands.key)]
        : []),
    ],
    next: 'retry',
  };
}

function notPromoted({ about: { details } }: CauseInput): Cause {
  return {
    happened: `The new token is stored and works, but AWSCURRENT could not be moved to it${inOperation(details)}.`,
    fix: [
      isRequestRefused(details)
        ? FIND_REFUSAL
        : action(
            'If AWS refused: the role of the function needs secretsmanager:UpdateSecretVersionStage on this secret.',
          ),
    ],
    next: 'nothing',
  };
}

function replacedByHand(input: CauseInput): Cause {
  const { about, commands } = input;
  const version = versionName(about);
  return {
    happened: `While the rotation ran, somebody put another value into the secret, and its token lives. So this run left AWSCURRENT with it. The new token of the rotation lives too: it is in ${version}, labelled AWSPENDING. If Secrets Manager tries again, that one becomes current.`,
    affected: 'Nobody: GitLab accepts the token in AWSCURRENT, and the new one.',
    fix: [
      action('See which version holds which label.', commands.labels),
      action(
        `If consumers should have what was put: take the label off ${version}, and revoke its token in GitLab. If it has become current meanwhile, put the value once more first.`,
        commands.dropPending,
      ),
      action(
        `If they should have the new token of the rotation: make ${version} current.`,
        ...promoteCommands(input),
      ),
    ],
    next: 'nothing',
  };
}

/** The operation that failed, and AWS's name for the error where the request itself was refused. */
function inOperation(details: Details): string {
  const words = isRequestRefused(details) ? ['operation', 'error'] : ['operation'];
  const told = words.flatMap((word) => wordOf(details, word) ?? []);
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

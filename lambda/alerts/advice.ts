import { type FailureCode, isAfterCreate, type NoticeCode, type Risk } from '../failure.ts';
import {
  type About,
  type Action,
  action,
  type Cause,
  type CauseInput,
  type CauseOf,
  inputOf,
  promoteCommands,
  retryActions,
  SERVED,
  settleActions,
  versionName,
} from './advice-actions.ts';
import { AWS_CAUSES } from './advice-aws.ts';
import { GITLAB_CAUSES } from './advice-gitlab.ts';
import { healed } from './advice-healing.ts';
import { STANDBY_CAUSES } from './advice-standby.ts';

export type { About, Action } from './advice-actions.ts';

/** What people are told of a failure or a notice, in plain text. */
export interface Advice {
  readonly happened: string;
  readonly affected: string;
  readonly todo: readonly Action[];
}

// Annotated, so that a code without a cause does not compile.
const CAUSES: Record<FailureCode | NoticeCode, CauseOf> = {
  ...AWS_CAUSES,
  ...GITLAB_CAUSES,
  ...STANDBY_CAUSES,
  HEALED: healed,
};

const AFFECTED: Record<Risk, string> = {
  none: 'Nobody by this run: it changed nothing, and what an earlier alert of the same rotation said still stands. If it lasts until the token expires, everybody who reads this secret.',
  consumers:
    'Everybody who reads this secret: GitLab refuses the token in AWSCURRENT, or soon will.',
  unknown:
    'Unknown. As long as GitLab accepts the token in AWSCURRENT, nobody. Once it does not, everybody who reads this secret.',
};

/**
 * Says what happened, who is affected and what to do next, for somebody who was
 * asleep a minute ago.
 *
 * @param risk - of this failure in this step; a notice has none
 */
export function adviseOn(about: About, risk: Risk): Advice {
  const input = inputOf(about);
  const cause = CAUSES[about.code](input);
  const isServed = about.details['currentAlive'] === true;
  const { happened, affected = isServed ? SERVED : AFFECTED[risk], fix } = cause;
  switch (situationOf(about, risk)) {
    case 'dry run':
      return {
        happened: `${happened} This was a test of the current value: nothing was rotated.`,
        affected,
        todo: [...fix, action('Test again, without rotating.', input.commands.dryRun)],
      };
    case 'rotated':
      return afterRotation(input, cause);
    case 'served':
      return afterAlternating(input, cause);
    case 'not rotated':
      return { happened, affected, todo: [...fix, ...closing(input, cause)] };
  }
}

/**
 * `rotated`: GitLab has revoked the token in `AWSCURRENT`, and its successor is stored as `AWSPENDING`.
 * `served`: the successor is stored, and the token in `AWSCURRENT` lives all the same.
 */
function situationOf({ code, step, details }: About, risk: Risk) {
  if (details['dryRun'] === true) {
    return 'dry run';
  }
  const afterCreate = code === 'NOT_PROMOTED' || isAfterCreate(step);
  if (!afterCreate || NO_CURE.has(code) || details['replacedByHand'] === true) {
    return 'not rotated';
  }
  if (details['currentAlive'] !== undefined) {
    return 'served';
  }
  return risk === 'consumers' ? 'rotated' : 'not rotated';
}

// The successor was refused, or is not where it should be: their own advice says what then.
const NO_CURE: ReadonlySet<string> = new Set([
  'CURRENT_TOKEN_DEAD',
  'PENDING_TOKEN_REJECTED',
  'VERSION_NOT_STAGED',
]);

function closing(input: CauseInput, { next }: Cause): readonly Action[] {
  switch (next) {
    case 'retry':
      return retryActions(input);
    case 'settle':
      return settleActions(input);
    case 'nothing':
      return [];
  }
}

/** With two tokens nobody is in a hurry; the new one waits as AWSPENDING. */
function afterAlternating(input: CauseInput, { happened, fix }: Cause): Advice {
  const { about, commands } = input;
  const version = versionName(about);
  const isAlive = about.details['currentAlive'] === true;
  const state = isAlive
    ? 'which lives'
    : 'which lived then, unless a notice HEALED said otherwise; GitLab could not be asked now';
  return {
    happened: `${happened} GitLab had rotated the standby token before, in createSecret. AWSCURRENT holds the token that it had, ${state}; the new one is in ${version}, labelled AWSPENDING.`,
    affected: isAlive ? 'Nobody: GitLab accepts the token in AWSCURRENT.' : AFFECTED.unknown,
    todo: [
      action(
        'Secrets Manager will try again by itself: it finds the new token stored, and does not rotate another time.',
      ),
      ...fix,
      action(
        `If it does not get through: see whether ${version} has a value. The answer must be the id.`,
        commands.hasValue,
      ),
      action(`If it has: make ${version} current.`, ...promoteCommands(input)),
      action(
        'Do NOT take the label AWSPENDING off, as AWS advises elsewhere: the version holds the only copy of the new token. While the label is there, AWS refuses rotate-secret.',
      ),
    ],
  };
}

/** Whatever failed: the cure is to make the stored successor current, and the trap is AWS's own remedy. */
function afterRotation(input: CauseInput, { happened, fix }: Cause): Advice {
  const { about, commands } = input;
  const version = versionName(about);
  const isDoubted = about.details['refusal'] === 'not-active';
  const successor = isDoubted ? 'the new one' : 'the living new one';
  return {
    happened: `${happened} GitLab had rotated the token before, in createSecret. AWSCURRENT now holds the dead old token; ${successor} is in ${version}, labelled AWSPENDING.${doubtOf(about)}`,
    affected: `Everybody who reads this secret, until ${version} has AWSCURRENT.`,
    todo: [
      action(
        'Secrets Manager will try again by itself: it finds the new token stored, and does not rotate another time. If you can wait, wait.',
      ),
      action(
        `If you cannot: see whether ${version} has a value. The answer must be the id.`,
        commands.hasValue,
      ),
      action(
        `If it has${isDoubted ? ', and GitLab shows that token as active' : ''}: make ${version} current.`,
        ...promoteCommands(input),
      ),
      action(
        'Do NOT take the label AWSPENDING off, as AWS advises elsewhere: this would give up the only living token. While the label is there, AWS refuses rotate-secret.',
      ),
      ...fix,
    ],
  };
}

/** A step that failed so early that it could not tell what it was about. */
function doubtOf({ step, details }: About): string {
  if (details['currentVersionId'] !== undefined) {
    return '';
  }
  const dryRun =
    step === 'testSecret'
      ? ' Or this was the test that rotate-secret --no-rotate-immediately starts: then nothing was rotated, and the token in AWSCURRENT is the only one.'
      : '';
  return ` (Unless the secret has a standby token: then the token in AWSCURRENT lives.${dryRun})`;
}

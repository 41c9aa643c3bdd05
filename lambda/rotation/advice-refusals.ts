import { type Action, action, NEVER_IN_HISTORY } from './advice-actions.ts';
import type { Commands } from './advice-commands.ts';
import { CREATE_STANDBY } from './advice-dead-token.ts';
import type { Refusal } from './ports.ts';

/** Why GitLab refused, and what removes the reason. */
export interface RefusalAdvice {
  /** @default 'GitLab refused' */
  readonly head?: string;
  readonly why: string;
  readonly fix: (commands: Commands) => readonly Action[];
}

const OWNER =
  'Compare projectId or groupId in the secret (or GITLAB_PROJECT_ID of the function) with the project that the token belongs to. Prefer the number: it survives a move. Without any of them GitLab finds the token by itself.';
const UPGRADE =
  'Upgrade GitLab to 17.9 or later: before that, a project token cannot rotate itself.';
const ALLOW_ADDRESS =
  "Let the function leave through a fixed address (a NAT gateway), and have GitLab allow it: the group's IP restriction, or the instance's.";
const CHECK_URL =
  'Check GITLAB_URL: the address of GitLab itself, without /api/v4. Then look at what stands in between: a proxy, a login page, a web application firewall.';

/** Every refusal has its own advice. */
export const REFUSALS: Record<Refusal, RefusalAdvice> = {
  'scope-missing': {
    why: 'the token has neither of the scopes self_rotate and api',
    fix: () => [
      action(
        'Scopes cannot be added to a token. Create a new one with self_rotate, and put it into the secret.',
      ),
    ],
  },
  'project-not-found': {
    why: 'it does not find the project or group: the id is wrong, or it is being deleted, or the address of the function is not allowed',
    fix: ({ environment }) => [action(OWNER, environment), action(ALLOW_ADDRESS)],
  },
  'not-a-member': {
    why: 'the token belongs to another project (with two tokens, the standby does), or it is a group token and the secret names a project',
    fix: ({ environment }) => [action(OWNER, environment)],
  },
  'not-a-bot-token': {
    why: "the token is a person's or a service account's, and the secret names a project or a group",
    fix: ({ environment }) => [
      action(
        "Use a project or group access token. Or, for a personal token, take projectId and groupId out of the secret and GITLAB_PROJECT_ID out of the function's configuration.",
        environment,
      ),
    ],
  },
  'project-moved': {
    why: 'the project has moved, and the secret still names its former path',
    fix: ({ environment }) => [
      action(
        'Put the number of the project in place of its path: projectId in the secret, or GITLAB_PROJECT_ID.',
        environment,
      ),
    ],
  },
  'gitlab-too-old': {
    why: 'it is older than 17.9',
    fix: () => [action(UPGRADE)],
  },
  'not-a-member-or-gitlab-too-old': {
    why: 'the token belongs to another project, or GitLab is older than 17.9',
    fix: ({ environment }) => [
      action(OWNER, environment),
      action(`See the version of GitLab (its Help page). ${UPGRADE}`),
    ],
  },
  'user-blocked': {
    why: 'the bot user of the token is blocked or deactivated',
    fix: () => [
      action('Have an administrator of GitLab unblock or activate the bot user of the token.'),
    ],
  },
  'ip-not-allowed': {
    why: 'it does not accept requests from the address of the function',
    fix: () => [action(ALLOW_ADDRESS)],
  },
  'read-only': {
    why: 'it is in read-only or maintenance mode',
    fix: () => [action('Wait until GitLab accepts changes again: its administrators know when.')],
  },
  forbidden: {
    why: 'it forbids this, and does not say why',
    fix: () => [
      action(
        'Ask the administrators of GitLab to look up the request id (gitlabRequestId in the details). Usual reasons: too many addresses for one user, or a fine-grained token without the permission.',
      ),
    ],
  },
  'request-invalid': {
    why: 'it calls the request wrong',
    fix: ({ environment }) => [
      action(
        'Check TOKEN_LIFETIME_DAYS against the longest lifetime that GitLab allows.',
        environment,
      ),
      action('If it is within: report this as a bug of the function, with the details below.'),
    ],
  },
  'clocks-differ': {
    head: 'The function did not ask GitLab to rotate',
    why: 'by the clock of GitLab the new token would be expired at once, and the old one dead too',
    fix: ({ environment }) => [
      action(
        'Compare the clock of the GitLab server with the right time (UTC), and set whichever is wrong. A proxy whose clock is wrong may have dated the answer, too.',
      ),
      action(
        'If GitLab is ahead by no more than days: a longer TOKEN_LIFETIME_DAYS helps.',
        environment,
      ),
    ],
  },
  'standby-differs': {
    head: 'The function did not ask GitLab to rotate',
    why: 'consumers could not take the standby token of this secret for the current one. The details say in what the two differ (difference): their scopes, the projects and groups that they reach, or their role there',
    fix: ({ putStandby }) => [
      action(CREATE_STANDBY),
      action(`Put it into the secret as its standby (needs jq). ${NEVER_IN_HISTORY}`, putStandby),
      action('Then revoke the standby token that was not fit, in GitLab.'),
    ],
  },
  'not-gitlab': {
    why: 'what answers there is not the API of GitLab',
    fix: ({ environment }) => [action(CHECK_URL, environment)],
  },
  other: {
    why: 'it gives a reason that the function does not know',
    fix: () => [
      action(
        'Ask the administrators of GitLab to look up the request id (gitlabRequestId in the details).',
      ),
    ],
  },
};

/** The advice for `details.refusal`; an unknown one is `other`. */
export function refusalAdvice(refusal: unknown): RefusalAdvice {
  return isRefusal(refusal) ? REFUSALS[refusal] : REFUSALS.other;
}

function isRefusal(refusal: unknown): refusal is Refusal {
  return typeof refusal === 'string' && Object.hasOwn(REFUSALS, refusal);
}

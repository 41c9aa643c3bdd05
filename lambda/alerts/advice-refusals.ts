import type { Details } from '../failure.ts';
import type { Refusal } from '../ports/access-tokens.ts';
import { type Action, action, NEVER_IN_HISTORY } from './advice-actions.ts';
import type { Commands } from './advice-commands.ts';
import { CREATE_STANDBY } from './advice-dead-token.ts';

/** Why GitLab refused, and what removes the reason. */
export interface RefusalAdvice {
  /** @default 'GitLab refused' */
  readonly head?: string;
  readonly why: string;
  readonly fix: (commands: Commands) => readonly Action[];
  /** Whether another token must be put, by hand. @default false */
  readonly isReplaced?: boolean;
}

const OWNER =
  'Compare projectId or groupId in the secret (or GITLAB_PROJECT_ID of the function) with the project that the token belongs to. Prefer the number: it survives a move. Without any of them GitLab finds the token by itself.';
const NUMBER =
  'Put the number of the project (or group) in place of its path: projectId or groupId in the secret, or GITLAB_PROJECT_ID of the function. GitLab shows it on the page of the project, in the menu of the three dots.';
const PASS_PATHS_ON =
  'If you cannot: have the proxy or load balancer before GitLab pass the path of a request on as it came, with its %2F (nginx: proxy_pass without a path; Apache: AllowEncodedSlashes NoDecode and nocanon).';
const UPGRADE =
  'Upgrade GitLab to 17.9 or later: before that, a project token cannot rotate itself.';
const ALLOW_ADDRESS =
  "Let the function leave through a fixed address (a NAT gateway), and have GitLab allow it: the group's IP restriction, or the instance's.";
/** Where GitLab itself may not have been asked at all. */
export const CHECK_URL =
  'Check GITLAB_URL: the address of GitLab itself, without /api/v4. Then look at what stands in between: a proxy, a login page, a web application firewall.';
/** What a token needs to do what the function asks of it. */
const PERMISSIONS =
  'to read, rotate and revoke itself: read_personal_access_token, rotate_personal_access_token, revoke_personal_access_token';
const LEGACY =
  'Or use a token of the other kind: a project or group access token with the scope self_rotate.';

/** Every refusal has its own advice. */
export const REFUSALS: Record<Refusal, RefusalAdvice> = {
  'scope-missing': {
    why: 'the token has neither of the scopes self_rotate and api',
    fix: () => [action('Scopes cannot be added to a token. Create a new one with self_rotate.')],
    isReplaced: true,
  },
  'project-not-found': {
    why: 'it does not find the project or group: the id is wrong, or it is being deleted, or the address of the function is not allowed',
    fix: ({ environment }) => [action(OWNER, environment), action(ALLOW_ADDRESS)],
  },
  'path-not-found': {
    why: 'it does not find a project or group at that path: the path is wrong, or something on the way changes it (encodes %2F a second time), or it is being deleted, or the address of the function is not allowed',
    fix: ({ environment }) => [action(NUMBER, environment), action(OWNER), action(ALLOW_ADDRESS)],
  },
  'path-decoded': {
    why: 'it does not know the path of the request, which its version has. Something on the way, a proxy or a load balancer, decodes %2F in the path of the project',
    fix: ({ environment }) => [action(NUMBER, environment), action(PASS_PATHS_ON)],
  },
  'not-a-member': {
    why: 'the token belongs to another project or group than the one that is named (with two tokens, the standby may), or it is a group token and the secret names a project',
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
  'path-changed-or-gitlab-too-old': {
    why: 'it does not know the path of the request. Either something on the way changes it (decodes %2F in the path of the project), or GitLab is older than 17.9',
    fix: ({ environment }) => [
      action(
        `If the secret (or GITLAB_PROJECT_ID) names a path: use the number. ${NUMBER}`,
        environment,
      ),
      action(`See the version of GitLab (its Help page). ${UPGRADE}`),
    ],
  },
  'permission-missing': {
    why: 'the token is a fine-grained one, and lacks the permission for this',
    fix: () => [
      action(
        `A fine-grained token needs the permissions ${PERMISSIONS}. Create one that has them.`,
      ),
      action(LEGACY),
    ],
    isReplaced: true,
  },
  'not-active': {
    why: 'it knows the token, but says that it is not active. So it says of a fine-grained token while the feature is switched off, for everybody or for the user of the token',
    fix: () => [
      action(
        'See whether GitLab shows the token as active: Settings, Access tokens. If it is a fine-grained one: have an administrator of GitLab switch fine-grained tokens on.',
      ),
      action(LEGACY),
    ],
  },
  'legacy-token': {
    why: 'it lets only fine-grained personal tokens rotate, and this is a legacy one. Tokens of projects and groups are exempt',
    fix: () => [
      action(`Create a fine-grained token with the permissions ${PERMISSIONS}.`),
      action(LEGACY),
    ],
    isReplaced: true,
  },
  'not-an-access-token': {
    why: 'the token is of another kind (OAuth, CI job, deploy token), which cannot rotate itself',
    fix: () => [action('Create a project, group or personal access token with self_rotate.')],
    isReplaced: true,
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
        'Ask the administrators of GitLab to look up the request id (gitlabRequestId in the details). If they do not find it, something before GitLab forbids it.',
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
  intercepted: {
    head: 'Something before GitLab refused',
    why: 'GitLab itself has answered the function a moment before, but to this request a proxy or a web application firewall gave an answer of its own, or it changed the path',
    fix: ({ environment }) => [
      action(
        'Have it let requests of the function through to /api/v4, POST too, with their paths as they come. The status in the details is what it answered.',
        environment,
      ),
    ],
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

/** The permission that GitLab names, as the end of a sentence. */
export function permissionIn({ permission }: Details): string {
  return typeof permission === 'string' && /^[A-Za-z][A-Za-z ,:]{0,399}$/.test(permission)
    ? ` (${permission})`
    : '';
}

/** The advice for `details.refusal`; an unknown one is `other`. */
export function refusalAdvice(refusal: unknown): RefusalAdvice {
  return isRefusal(refusal) ? REFUSALS[refusal] : REFUSALS.other;
}

function isRefusal(refusal: unknown): refusal is Refusal {
  return typeof refusal === 'string' && Object.hasOwn(REFUSALS, refusal);
}

import type { Details } from '../failure.ts';
import type { DeathReason } from '../ports/access-tokens.ts';
import { type Action, action } from './advice-actions.ts';
import type { Commands } from './advice-commands.ts';

/** The trap that makes a lost successor a dead one. */
export const NEVER_THE_OLD_TOKEN =
  'Never send the old token to a rotate endpoint: GitLab would revoke its living successor.';

/** For when no living token of the family is left, or none will do. */
export const CREATE_TOKEN =
  'Create a token in GitLab: the project (or group, or user), Settings, Access tokens, Add new token. The role that the old one had, the scopes that consumers need and self_rotate, an expiry after the next rotation.';

/** The same for a standby, which must be able to take the place of the current token. */
export const CREATE_STANDBY =
  'Create a token in GitLab: the project (or group, or user), Settings, Access tokens, Add new token. The project or group, the role and the scopes must be exactly those of the token that consumers have; an expiry after the next rotation.';

const IN_GITLAB =
  'In GitLab open the project, Settings, Access tokens (for a group or personal token: there).';
const ROTATE_THERE =
  'choose Rotate and copy the new value: its bot user and rights stay. This needs a Maintainer.';

/** How people get at the value of a token that lives, but is stored nowhere. */
export const FIND_SUCCESSOR = `${IN_GITLAB} If an active token has the name of the old one, ${ROTATE_THERE}`;

/** The same for a standby, whose twin must live on. */
export function findStandby({ showIds }: Commands): readonly Action[] {
  return [
    action(
      'Leave the token alone that consumers have: it may have the same name in GitLab. Its id is tokenId here (needs jq); without one, compare when the tokens were last used.',
      showIds,
    ),
    action(`${IN_GITLAB} If another active token has the name of the lost one, ${ROTATE_THERE}`),
  ];
}

/** The same without GitLab's pages. */
export const ROTATE_BY_ID =
  "Or with curl and a person's living token (Maintainer, scope api). Set GITLAB_URL and PROJECT_ID (of a group: groups in place of projects), write a day after the next rotation for YYYY-MM-DD, and paste the command alone: it then waits, unseen, for that token and Enter. The answer shows the new token.";

/** How a token died, as the end of a sentence, and how to get another. */
export interface Death {
  readonly how: string;
  readonly replace: readonly Action[];
}

/** How to get another token where a living one may exist that nobody has stored. */
export const REPLACE_LOST: readonly Action[] = [
  action(NEVER_THE_OLD_TOKEN),
  action(FIND_SUCCESSOR),
  action(`If there is none: ${CREATE_TOKEN}`),
];

const DEATHS: Record<DeathReason, Death> = {
  expired: {
    how: 'it has expired, and an expired token cannot rotate itself',
    replace: REPLACE_LOST,
  },
  revoked: {
    how: 'it was revoked, or somebody rotated it and the new token was not stored here',
    replace: REPLACE_LOST,
  },
  unusable: {
    how: 'it is an impersonation token, and impersonation is disabled',
    replace: [action(CREATE_TOKEN)],
  },
  unknown: {
    how: 'this GitLab does not know it. It was mistyped, or deleted with its bot user, or it is from another GitLab',
    replace: [
      action('Check that GITLAB_URL names the GitLab that the token comes from.'),
      ...REPLACE_LOST,
    ],
  },
};

/** How to get another standby. That its GitLab is the right one, the living token of the pair shows. */
export function replaceStandby({ reason }: Details, commands: Commands): readonly Action[] {
  return reason === 'unusable'
    ? [action(CREATE_STANDBY)]
    : [
        action(NEVER_THE_OLD_TOKEN),
        ...findStandby(commands),
        action(`If there is none: ${CREATE_STANDBY}`),
      ];
}

/** The death that `details.reason` names; `unknown` when it names none. */
export function deathOf({ reason }: Details): Death {
  return DEATHS[isDeathReason(reason) ? reason : 'unknown'];
}

/** Whether a detail is one of GitLab's reasons for refusing a token. */
export function isDeathReason(reason: Details[string] | undefined): reason is DeathReason {
  return typeof reason === 'string' && Object.hasOwn(DEATHS, reason);
}

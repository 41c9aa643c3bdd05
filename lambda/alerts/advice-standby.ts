import {
  action,
  type Cause,
  type CauseInput,
  type CauseOf,
  putStandbyAction,
  SERVED,
  storeLaterActions,
} from './advice-actions.ts';
import { readTokenId } from './advice-commands.ts';
import {
  CREATE_STANDBY,
  deathOf,
  findStandby,
  NEVER_THE_OLD_TOKEN,
  ROTATE_BY_ID,
  replaceStandby,
} from './advice-dead-token.ts';
import { withHealing } from './advice-healing.ts';
import { isReuse, standbyReused } from './advice-reuse.ts';

/** Causes that only secrets with two alternating tokens have. */
export const STANDBY_CAUSES = {
  STANDBY_DEAD: withHealing((input) => {
    if (isReuse(input)) {
      return standbyReused(input);
    }
    const { about, commands } = input;
    return {
      happened: `GitLab does not accept the standby token of this secret: ${deathOf(about.details).how}.`,
      affected: SERVED,
      fix: [...replaceStandby(about.details, commands), putStandbyAction(input)],
      next: 'settle',
    };
  }),

  STANDBY_LOST: withHealing((input) => {
    const { about, commands } = input;
    const id = readTokenId(about.details['tokenId']);
    return id === undefined
      ? {
          happened:
            'GitLab rotated the standby token of this secret, but the new one was lost: its answer did not come, or it could not be stored. The old standby token is dead, and nobody has the value of the new one.',
          affected: SERVED,
          fix: [...replaceStandby(about.details, commands), putStandbyAction(input)],
          next: 'settle',
        }
      : {
          happened: `GitLab rotated the standby token of this secret, but the new one could not be stored in Secrets Manager. The old standby token is dead. The new one lives in GitLab with the id ${id}, but it is stored nowhere. The process of this run still has its value.`,
          affected: SERVED,
          fix: [
            ...storeLaterActions(input),
            action(NEVER_THE_OLD_TOKEN),
            ...findStandby(commands),
            action(ROTATE_BY_ID, commands.rotateById),
            action(`If there is none: ${CREATE_STANDBY}`),
            putStandbyAction(input),
            action(
              'If your put is refused too: the details say what refused the function. See the key of the secret.',
              commands.key,
            ),
          ],
          next: 'settle',
        };
  }),
} as const satisfies Record<string, CauseOf>;

/** The function is told that two tokens alternate, and the secret holds one. `details.form` is its form. */
export function withoutStandby(input: CauseInput): Cause {
  const isPlain = input.about.details['form'] === 'plain-text';
  const lack = isPlain ? 'it is plain text, which has no room for one' : 'it has no such member';
  return {
    happened: `The function is deployed for two tokens that alternate (ALTERNATING_TOKENS), so the secret must hold a second one in its member "standby"; but ${lack}. With one token, consumers would have a dead one for a moment, so nothing was rotated.`,
    fix: [
      action('If it is to have one token only: deploy the function without alternatingTokens.'),
      ...(isPlain
        ? [
            action(
              'If it is to have two: first see that all consumers can read a JSON object. Then put the current token into one, as {"token": "..."}, in the console (Secrets Manager, the secret, Retrieve secret value, Edit).',
            ),
            action(CREATE_STANDBY),
          ]
        : [action(`If it is to have two: ${CREATE_STANDBY}`)]),
      putStandbyAction(input),
    ],
    next: 'settle',
  };
}

/** The standby is the current token once more, so that there is nothing to alternate with. */
export function sameTokenTwice(input: CauseInput): Cause {
  return {
    happened:
      'The secret holds the same token twice: as its token and as its standby. With one token, consumers would have a dead one for a moment, so nothing was rotated.',
    fix: [
      action(`If it is to have two: ${CREATE_STANDBY}`),
      putStandbyAction(input),
      action(
        'If it is to have one token only: take the member "standby" out, in the console (Secrets Manager, the secret, Retrieve secret value, Edit).',
      ),
    ],
    next: 'settle',
  };
}

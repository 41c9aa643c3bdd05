import { action, type CauseOf, putStandbyAction } from './advice-actions.ts';
import { readTokenId } from './advice-commands.ts';
import {
  deathOf,
  FIND_SUCCESSOR,
  NEVER_THE_OLD_TOKEN,
  REPLACE_LOST,
  ROTATE_BY_ID,
} from './advice-dead-token.ts';
import { withHealing } from './advice-healing.ts';

/** Who is hurt while the current token lives. */
export const SERVED =
  'Nobody now: GitLab accepts the token in AWSCURRENT. But the next rotation needs a living standby token.';

/** Causes that only secrets with two alternating tokens have. */
export const STANDBY_CAUSES = {
  STANDBY_DEAD: withHealing((input) => {
    const { how, replace } = deathOf(input.about.details);
    return {
      happened: `GitLab does not accept the standby token of this secret: ${how}.`,
      affected: SERVED,
      fix: [...replace, putStandbyAction(input)],
      next: 'settle',
    };
  }),

  STANDBY_LOST: withHealing((input) => {
    const { about, commands } = input;
    const id = readTokenId(about.details['tokenId']);
    return id === undefined
      ? {
          happened:
            'GitLab rotated the standby token of this secret, but its answer was lost. The old standby token is dead, and nobody has the value of the new one.',
          affected: SERVED,
          fix: [...REPLACE_LOST, putStandbyAction(input)],
          next: 'settle',
        }
      : {
          happened: `GitLab rotated the standby token of this secret, but the new one could not be stored in Secrets Manager. The old standby token is dead. The new one lives in GitLab with the id ${id}; the next run of the same process stores it, else nobody has its value.`,
          affected: SERVED,
          fix: [
            action(NEVER_THE_OLD_TOKEN),
            action(FIND_SUCCESSOR),
            action(ROTATE_BY_ID, commands.rotateById),
            putStandbyAction(input),
          ],
          next: 'settle',
        };
  }),
} as const satisfies Record<string, CauseOf>;

import type { Details } from '../failure.ts';
import {
  action,
  type Cause,
  type CauseInput,
  type CauseOf,
  dayOf,
  putStandbyAction,
  versionName,
} from './advice-actions.ts';
import { readVersionId } from './advice-commands.ts';
import { deathOf, replaceStandby } from './advice-dead-token.ts';
import { obstacleIn } from './advice-obstacles.ts';
import { givenBack } from './advice-reuse.ts';

/** Adds what salvage and the recovery credential came to, where they could not mend the failure. */
export function withHealing(causeOf: CauseOf): CauseOf {
  return (input) => {
    const { details } = input.about;
    const cause = withSearch(causeOf(input), details);
    const salvaged = readVersionId(details['salvageVersionId']);
    if (salvaged !== undefined) {
      return salvagedNotStored(cause, salvaged, input);
    }
    const obstacle = obstacleIn(details, input.commands);
    return obstacle === undefined
      ? cause
      : {
          ...cause,
          happened: `${cause.happened} The recovery credential could not help: ${obstacle.why}.`,
          fix: [...obstacle.fix, ...(obstacle.heals ? [THEN] : []), ...cause.fix],
        };
  };
}

/** That no living token was found in the secret is worth little then. */
function withSearch(cause: Cause, details: Details): Cause {
  return details['salvage'] === 'unfinished'
    ? {
        ...cause,
        happened: `${cause.happened} The function could not search every other version of the secret for a living token.`,
        fix: [
          action(
            'If you can, wait for the next try, which searches again: rotating a token by hand in GitLab would kill the one that it may find.',
          ),
          ...cause.fix,
        ],
      }
    : cause;
}

const THEN = action(
  'Then let the rotation run again: if the secret has a tokenId, it is healed. Or do without, as the next steps say.',
);

/** Then nobody needs another token, and rotating one by hand would kill the one that was found. */
function salvagedNotStored(
  cause: Cause,
  versionId: string,
  { about, commands }: CauseInput,
): Cause {
  const adopt = action(
    `If consumers cannot wait: make version ${versionId} current, in which that token is.`,
    commands.findCurrent,
    commands.adopt(versionId),
  );
  return {
    ...cause,
    happened: `${cause.happened} But a living token was found in version ${versionId} of the secret, which has lost its label. It could not be stored for this rotation, and is there still.`,
    fix: [
      action('Rotate nothing by hand: the next try finds that token again.'),
      ...(about.code.startsWith('STANDBY_') ? [] : [adopt]),
      action('See in the log why it could not be stored.', commands.logs),
    ],
  };
}

/** The notice HEALED. */
export function healed(input: CauseInput): Cause {
  switch (input.about.details['cure']) {
    case 'standby':
      return healedByStandby(input);
    case 'salvage':
      return healedBySalvage(input);
    case 'given-back':
      return givenBack(input);
    default:
      return healedByRecovery(input);
  }
}

/** A put before the rotation is through would go into the value that it replaces. */
function healedByStandby(input: CauseInput): Cause {
  const { about, commands } = input;
  const { how } = deathOf(about.details);
  return {
    happened: `GitLab did not accept the token in AWSCURRENT: ${how}. So this rotation is the cure: the standby token was rotated, and its successor becomes current. The dead token takes the place of the standby.`,
    affected:
      'Whoever read this secret until now had a dead token. Once this rotation is through, nobody. But the next rotation needs a living standby token.',
    fix: [
      action(
        `Wait until this rotation is through: ${versionName(about)} has AWSCURRENT then. It takes a minute.`,
        commands.labels,
      ),
      ...replaceStandby(about.details, commands),
      putStandbyAction(input),
    ],
    next: 'nothing',
  };
}

function healedBySalvage({ about, commands }: CauseInput): Cause {
  const version = readVersionId(about.details['salvageVersionId']);
  const where = version === undefined ? 'another version' : `version ${version}`;
  return {
    happened: `GitLab did not accept the token that was to be rotated. A living one was still in ${where} of the secret, which had lost its label. It is stored again, and the rotation goes on with it.`,
    affected: HEALED_AFFECTS,
    fix: [
      action(
        'Find out why that version was not made current: a rotation that AWS gave up (RotationAbandoned in CloudTrail), or a hand in the secret.',
        commands.labels,
      ),
    ],
    next: 'nothing',
  };
}

function healedByRecovery({ about: { details }, commands }: CauseInput): Cause {
  const expires = dayOf(details['recoveryExpiresAt']);
  return {
    happened:
      'A token was rotated, and its successor was lost. The recovery credential found it at GitLab and rotated it by its id. The new value is stored, and the rotation goes on with it. The bot user and its rights stay as they were.',
    affected: HEALED_AFFECTS,
    fix: [
      action(
        'See how the successor was lost: in the log of this run, or in the alert of an earlier one.',
        commands.logs,
      ),
      ...(expires === undefined
        ? []
        : [
            action(
              `The recovery token itself expires on ${expires} at 00:00 UTC: put a new one before.`,
            ),
          ]),
    ],
    next: 'nothing',
  };
}

const HEALED_AFFECTS =
  'Nobody, once this rotation is through. Until then, whoever reads this secret may get a dead token.';

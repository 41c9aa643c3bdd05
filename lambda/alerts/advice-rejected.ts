import type { Details } from '../failure.ts';
import {
  type Action,
  action,
  type Cause,
  type CauseInput,
  EXPIRY_AFFECTS,
  expiryText,
  promoteCommands,
  putActions,
  putAgainActions,
  SERVED,
  versionName,
} from './advice-actions.ts';
import { readTokenId } from './advice-commands.ts';
import {
  deathOf,
  findStandby,
  isDeathReason,
  REPLACE_LOST,
  replaceStandby,
} from './advice-dead-token.ts';

/**
 * PENDING_TOKEN_REJECTED has four meanings: the token is dead, it is another
 * user's, it is another than the secret says, or (in the dry run) it expires too
 * soon. Unlike after any other failure of testSecret, the pending token is no cure.
 */
export function pendingTokenRejected(input: CauseInput): Cause {
  const { details } = input.about;
  if (details['expectedUserId'] !== undefined) {
    return foreignToken(input);
  }
  if (details['expectedTokenId'] !== undefined) {
    return anotherToken(input);
  }
  return details['reason'] === undefined || isDeathReason(details['reason'])
    ? deadToken(input)
    : tooShortALife(input);
}

function deadToken(input: CauseInput): Cause {
  const { about, commands } = input;
  const { details } = about;
  const { how, replace } = deathOf(details);
  if (details['dryRun'] === true) {
    return {
      happened: `GitLab does not accept the token of this secret: ${how}.`,
      fix: [
        action(
          'If the secret has a standby token that lives, rotate: the successor of the standby becomes current.',
          commands.rotate,
        ),
        ...replace,
        ...putActions(input),
      ],
      next: 'nothing',
    };
  }
  const isServed = isStandbyLost(details);
  return {
    happened: `GitLab does not accept the new token, in ${versionName(input.about)}: ${how}. ${isServed ? 'The standby token' : 'The old token'} was revoked when the new one was made.`,
    affected: isServed
      ? `${SERVED} Secrets Manager may try again, but with the same new token.`
      : 'Everybody who reads this secret: neither the token in AWSCURRENT nor the new one works. Secrets Manager may try again, but with the same new token.',
    fix: [
      ...(isServed ? replaceStandby(details, commands) : replace),
      ...putAgainActions(input, isServed),
      ...dropRejected(input),
    ],
    next: 'nothing',
  };
}

/** What is missing then: the standby, or else the token of consumers. */
function isStandbyLost({ currentAlive }: Details): boolean {
  return currentAlive === true;
}

function foreignToken(input: CauseInput): Cause {
  const { about, commands } = input;
  const { details } = about;
  const isServed = isStandbyLost(details);
  const version = versionName(input.about);
  const found = idOr('another', details['userId']);
  const expected = idOr('unknown', details['expectedUserId']);
  return {
    happened: `GitLab rotated the token, but the one in its answer belongs to another user: ${found}, not ${expected}. Something before GitLab may have confused two answers. The token is stored in ${version}, since nobody can read it again; the right one was shown to nobody here. The rotated token is dead.`,
    affected: isServed
      ? SERVED
      : 'Everybody who reads this secret: the token in AWSCURRENT is dead. In a JSON secret the other token is kept from becoming current; in one that is plain text the next try makes it current.',
    fix: [
      ...(isServed ? replaceStandby(details, commands) : REPLACE_LOST),
      ...putAgainActions(input, isServed),
      ...dropRejected(input),
    ],
    next: 'nothing',
  };
}

function anotherToken(input: CauseInput): Cause {
  const { about, commands } = input;
  const dryRun = about.details['dryRun'] === true;
  const isServed = isStandbyLost(about.details);
  const found = idOr('unknown', about.details['tokenId']);
  const stated = idOr('another', about.details['expectedTokenId']);
  const accept = dryRun
    ? action(
        `If it is ${found}: correct tokenId in the secret, or take it out (console: Secrets Manager, the secret, Retrieve secret value, Edit).`,
      )
    : action(
        `If it is ${found}: make ${versionName(about)}, which holds it, current.`,
        ...promoteCommands(input),
      );
  return {
    happened: `The token that was tested lives, but its id at GitLab is ${found}, and tokenId in the secret says ${stated}. Somebody changed one without the other, or GitLab's answer to the rotation held the token of somebody else.`,
    fix: [
      action(
        'Find out which token consumers should have. GitLab shows it under Settings, Access tokens.',
        commands.labels,
      ),
      accept,
      ...(isServed
        ? findStandby(commands)
        : [
            action(
              'If it is another one: choose Rotate there, and copy the new value, since nobody can read the old one again.',
            ),
          ]),
      ...putAgainActions(input, isServed),
      ...(dryRun ? [] : dropRejected(input)),
    ],
    next: 'nothing',
  };
}

function tooShortALife(input: CauseInput): Cause {
  const { commands } = input;
  return {
    happened: expiryText(input.about.details),
    affected: input.about.details['standby'] === true ? SERVED : EXPIRY_AFFECTS,
    fix: [
      action(
        'Rotate before that day: the new token lives for TOKEN_LIFETIME_DAYS, which must be longer than the interval of the schedule. Of two alternating tokens each is rotated every second time only: then it must be longer than two intervals, and it may take two rotations before that day.',
        commands.rotate,
      ),
    ],
    next: 'nothing',
  };
}

/** Lets the next rotation begin, which a rejected pending version keeps Secrets Manager from. */
export function dropRejected({ about, commands }: CauseInput): readonly Action[] {
  return [
    action('See which version holds which label now.', commands.labels),
    action(
      `If another token was put, and ${versionName(about)} still holds AWSPENDING: take the label off, since nobody needs its token. Then rotate.`,
      commands.dropPending,
      commands.rotate,
    ),
  ];
}

function idOr(otherwise: string, tokenId: Details[string] | undefined): string {
  return readTokenId(tokenId) ?? otherwise;
}

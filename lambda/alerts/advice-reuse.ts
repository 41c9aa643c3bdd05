import {
  action,
  type Cause,
  type CauseInput,
  putActions,
  putStandbyAction,
  SERVED,
} from './advice-actions.ts';
import { readVersionId } from './advice-commands.ts';
import { CREATE_STANDBY, CREATE_TOKEN } from './advice-dead-token.ts';
import { dropRejected } from './advice-rejected.ts';

const REUSE =
  'Two requests to rotate the same token reached GitLab, one after the other. GitLab took the second for an attack with a stolen token and revoked the new token (reuse detection).';

/** Whether a request of the run that failed set off GitLab's reuse detection. */
export function isReuse({ about: { details } }: CauseInput): boolean {
  return details['reuseDetected'] === true;
}

/** CURRENT_TOKEN_DEAD. `details.previousVersionId`: holds an active token, but cannot be made current. */
export function currentTokenRevoked(input: CauseInput): Cause {
  const { about, commands } = input;
  const previous = readVersionId(about.details['previousVersionId']);
  return previous === undefined
    ? {
        happened: `${REUSE} The old token and the new one are both revoked.`,
        affected: 'Everybody who reads this secret: neither its old token nor the new one works.',
        fix: [action(CREATE_TOKEN), ...putActions(input), ...dropRejected(input)],
        next: 'nothing',
      }
    : {
        happened: `${isReuse(input) ? `${REUSE} It had` : 'GitLab revoked the new token, which had'} just become current. AWSCURRENT could not be moved back to version ${previous}, whose token is active.`,
        affected: `Everybody who reads this secret, until version ${previous} has AWSCURRENT.`,
        fix: [
          action(
            `Make version ${previous} current.`,
            commands.findCurrent,
            commands.adopt(previous),
          ),
          ...replaceStandby(input),
        ],
        next: 'nothing',
      };
}

/** STANDBY_DEAD. */
export function standbyReused(input: CauseInput): Cause {
  return {
    happened: `${REUSE} It was to take the place of the standby token. Consumers keep the token that they have, which is active.`,
    affected: SERVED,
    fix: replaceStandby(input),
    next: 'nothing',
  };
}

/** The notice HEALED, where consumers got the token back that they had before. */
export function givenBack(input: CauseInput): Cause {
  const previous = readVersionId(input.about.details['previousVersionId']);
  const version = previous === undefined ? 'the version before' : `version ${previous}`;
  return {
    happened: `${REUSE} It had just become current. So this run moved AWSCURRENT back to ${version}, whose token is active.`,
    affected:
      'Whoever read this secret in the last seconds got a revoked token, and must read it again. Now AWSCURRENT holds an active one. But the next rotation needs an active standby token, and this secret has none.',
    fix: replaceStandby(input),
    next: 'nothing',
  };
}

function replaceStandby(input: CauseInput) {
  return [action(CREATE_STANDBY), putStandbyAction(input), ...dropRejected(input)];
}

import type { Details } from '../failure.ts';
import {
  action,
  type Cause,
  type CauseInput,
  dayOf,
  EXPIRY_AFFECTS,
  expiryText,
  putAgainActions,
  SERVED,
  tokenName,
} from './advice-actions.ts';
import { CREATE_STANDBY, CREATE_TOKEN } from './advice-dead-token.ts';
import { newCredential, obstacleIn } from './advice-obstacles.ts';

/** The notice EXPIRES_TOO_SOON: of the token, of the standby, or of the recovery credential. */
export function expiresTooSoon(input: CauseInput): Cause {
  if (input.about.details['recovery'] !== undefined) {
    return recoveryExpires(input);
  }
  const { about, commands } = input;
  const { details } = about;
  const isStandby = details['standby'] === true;
  const then = action('Then rotate, before the token expires.', commands.rotate);
  const affected = isStandby ? SERVED : EXPIRY_AFFECTS;
  return details['scopes'] === undefined
    ? {
        happened: expiryText(details),
        affected,
        fix: [
          action(
            'Let tokens live longer (TOKEN_LIFETIME_DAYS) or rotate more often (the schedule). If GitLab allows no longer life, only the schedule helps. Of two alternating tokens each must live for two intervals.',
          ),
          then,
        ],
        next: 'nothing',
      }
    : {
        happened: `The ${tokenName(details)} works, but it has neither of the scopes self_rotate and api, so it cannot rotate itself another time.`,
        affected,
        fix: [
          action(
            `Scopes cannot be added to a token. When this rotation is through: ${isStandby ? CREATE_STANDBY : CREATE_TOKEN}`,
          ),
          ...putAgainActions(input, isStandby),
          then,
        ],
        next: 'nothing',
      };
}

function recoveryExpires({ about: { details }, commands }: CauseInput): Cause {
  const { why, fix } = obstacleIn(details, commands) ?? {
    why: `its token expires ${expiryIn(details)}, before the next rotation is through`,
    fix: newCredential(commands),
  };
  return {
    happened: `The recovery credential would not help when it is needed: ${why}.`,
    affected: 'Nobody now. But a successor that is lost would have to be found by a person.',
    fix,
    next: 'nothing',
  };
}

function expiryIn({ recoveryExpiresAt }: Details): string {
  const day = dayOf(recoveryExpiresAt);
  return day === undefined ? 'too soon' : `on ${day} at 00:00 UTC`;
}

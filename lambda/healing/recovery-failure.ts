import type { Details } from '../failure.ts';
import type { ReadFailure } from '../ports/access-tokens.ts';

/** Why the recovery credential could not help. Each leads to another advice. */
export type RecoveryFailureReason =
  | 'no-project' // a personal token, or a secret that names neither project nor group
  | 'unreadable' // its secret cannot be read, or is malformed
  | 'unreachable' // GitLab gives no usable answer
  | 'dead' // the recovery token itself
  | 'scope-missing' // it has no `api`
  | 'refused' // a bot's token, too low a role, or a group that forbids new tokens
  | 'unknown-bot' // which bot the dead token belonged to
  | 'no-candidate' // no active token of the bot
  | 'several-candidates' // more than one
  | 'confused' // another user's token came as the answer to its rotation
  | 'raced' // another run rotated it first, and has not stored what it got
  | 'not-enough-time';

/** Ends a recovery. `details` go to the failure that was to be repaired. */
export class RecoveryFailure extends Error {
  readonly details: Details;

  constructor(details: Details) {
    super('the successor could not be recovered');
    this.details = details;
  }
}

export function recoveryFailure(
  recovery: RecoveryFailureReason,
  details: Details = {},
): RecoveryFailure {
  return new RecoveryFailure({ recovery, ...details });
}

/** GitLab does not accept the recovery token, refuses what it asks for, or gives no usable answer. */
export function credentialFailure(answer: ReadFailure, details: Details): RecoveryFailure {
  switch (answer.kind) {
    case 'dead':
      return recoveryFailure('dead', { ...details, recoveryReason: answer.reason });
    case 'refused': {
      const { refusal, permission } = answer;
      return recoveryFailure('refused', {
        ...details,
        recoveryRefusal: refusal,
        ...(permission !== undefined && { permission }),
      });
    }
    case 'rate-limited':
    case 'unreachable':
      return recoveryFailure('unreachable', details);
  }
}

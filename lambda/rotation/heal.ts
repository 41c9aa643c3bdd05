import type { Attempt } from './attempt.ts';
import type { Details, RotationError } from './failure.ts';
import type { IssuedToken } from './ports.ts';
import { recover } from './recovery.ts';
import { salvage } from './salvage.ts';
import { nextValue, storeSuccessor, tryToStore } from './store-successor.ts';
import type { LivingTarget, Target } from './target.ts';

/** A token that is dead, while nobody has stored its successor. */
export interface Patient {
  readonly target: Target | LivingTarget;
  /** What to tell if nothing helps. */
  readonly failure: RotationError;
}

/**
 * Looks for the living successor of a dead token, and stores it: first in the
 * secret's own versions, then, with the recovery credential, at GitLab. A healed
 * rotation is told, because somebody should know.
 *
 * What a retry can meet: a successor that was found and not stored is still where
 * it was; one that was rotated by its id and not stored is found again at GitLab,
 * in its turn the only living token of its bot.
 *
 * @throws {RotationError} the patient's failure, with what was tried; SUCCESSOR_NOT_STORED or STANDBY_LOST
 */
export async function heal(attempt: Attempt, { target, failure }: Patient): Promise<void> {
  const salvaged = await salvage(attempt, target);
  if (salvaged !== undefined) {
    const { successor, versionId } = salvaged;
    const secretString = nextValue(target, successor, attempt.deps.settings.tokenField);
    const stored = await tryToStore(attempt, secretString, idOf(successor));
    if (stored.kind === 'failed') {
      // Nothing is lost: the token is still where it was found.
      throw failure.withDetails({ salvage: 'not-stored', salvageVersionId: versionId });
    }
    return tellHealed(attempt, {
      cure: 'salvage',
      salvageVersionId: versionId,
      ...idOf(successor),
    });
  }
  const recovery = await recover(attempt, target);
  switch (recovery.kind) {
    case 'failed':
      throw failure.withDetails(recovery.details);
    case 'stored':
      attempt.invocation.log.warn('another run has found the successor, and stored it');
      return;
    case 'recovered': {
      const { successor, details } = recovery;
      await storeSuccessor(attempt, target, successor);
      await tellHealed(attempt, { cure: 'recovery', ...details, ...idOf(successor) });
    }
  }
}

async function tellHealed({ invocation }: Attempt, details: Details): Promise<void> {
  invocation.log.warn('a lost successor was found, and is stored', details);
  await invocation.notify({ code: 'HEALED', details });
}

function idOf({ tokenId }: IssuedToken): Details {
  return { ...(tokenId !== undefined && { tokenId }) };
}

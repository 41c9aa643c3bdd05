import { idOf } from '../secret/secret-value.ts';
import type { Attempt } from '../successor/attempt.ts';
import { nextValue, storeSuccessor, tellHealed, tryToStore } from '../successor/store-successor.ts';
import { recover } from './recover.ts';
import { type Salvage, salvage } from './salvage.ts';
import { type DeadTarget, requireStoredActive } from './stored-by-another.ts';

/**
 * Looks for the living successor of a dead token, and stores it: first in the
 * secret's own versions, then, with the recovery credential, at GitLab. A healed
 * rotation is told, unless another run was first.
 *
 * What a retry can meet: a successor that was found and not stored is still where
 * it was; one that was rotated by its id and not stored is found again at GitLab,
 * in its turn the only living token of its bot.
 *
 * @throws {RotationError} the failure of the target, with what was tried; SUCCESSOR_NOT_STORED or
 * STANDBY_LOST; and what `requireStoredActive` throws, where another run was first
 */
export async function heal(attempt: Attempt, dead: DeadTarget): Promise<void> {
  const { target, failure } = dead;
  const salvaged = await salvage(attempt, target);
  if (salvaged.kind === 'found') {
    await adopt(attempt, dead, salvaged);
    return;
  }
  const recovery = await recover(attempt, target);
  switch (recovery.kind) {
    case 'failed': {
      const search = salvaged.kind === 'unfinished' ? { salvage: 'unfinished' } : {};
      throw failure.withDetails({ ...search, ...recovery.details });
    }
    case 'stored':
      return requireStoredActive(attempt, dead);
    case 'recovered': {
      const { successor, details } = recovery;
      const healed = { cure: 'recovery', ...details, ...idOf(successor) };
      await storeSuccessor(attempt, { target, successor, healed });
    }
  }
}

/** Nothing is lost where it cannot be stored: the token is still where it was found. */
async function adopt(
  attempt: Attempt,
  dead: DeadTarget,
  { successor, versionId: salvageVersionId }: Extract<Salvage, { kind: 'found' }>,
): Promise<void> {
  const { target, failure } = dead;
  const secretString = nextValue(target, successor, attempt.deps.settings.tokenField);
  const details = { salvageVersionId, ...idOf(successor) };
  const stored = await tryToStore(attempt, secretString, idOf(successor));
  switch (stored.kind) {
    case 'stored':
      return tellHealed(attempt, { cure: 'salvage', ...details });
    case 'taken':
      // Not revoked: no orphan, for a version of the secret holds it.
      return requireStoredActive(attempt, dead);
    case 'failed':
      throw failure.withDetails({ salvage: 'not-stored', salvageVersionId });
  }
}

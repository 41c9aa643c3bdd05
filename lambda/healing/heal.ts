import { knownId } from '../secret/secret-members.ts';
import { notifyRecovered, putPending, storeSuccessor } from '../successor/store-successor.ts';
import type { CreateRun } from '../successor/successor-memory.ts';
import { nextValue } from '../successor/target.ts';
import { userDetailsOf } from '../token/sent-request.ts';
import { recover } from './recover.ts';
import { type Salvage, salvage } from './salvage.ts';
import { type DeadToken, requireStoredActive } from './stored-by-another.ts';

/**
 * Looks for the active successor of a dead token, and stores it: first in the
 * secret's own versions, then, with the recovery credential, at GitLab. Sends the
 * notice HEALED, unless another run was first.
 *
 * What a retry can meet: a successor that was found and not stored is still where
 * it was. One that was rotated by its id and not stored is found again at GitLab,
 * where it is then the only active token of its bot.
 *
 * @throws {RotationError} the failure of the target, with what was tried; SUCCESSOR_NOT_STORED or
 * STANDBY_LOST; and what `requireStoredActive` throws, where another run was first
 */
export async function heal(run: CreateRun, dead: DeadToken): Promise<void> {
  const { target, failure } = dead;
  const salvaged = await salvage(run, target);
  if (salvaged.kind === 'found') {
    return storeSalvaged(run, dead, salvaged);
  }
  const recovery = await recover(run, target);
  switch (recovery.kind) {
    case 'failed': {
      const search = salvaged.kind === 'unfinished' ? { salvage: 'unfinished' } : {};
      throw failure.withDetails({ ...search, ...recovery.details });
    }
    case 'stored':
      return requireStoredActive(run, dead);
    case 'rotated': {
      const { successor, details } = recovery;
      const recovered = {
        recoveredBy: 'recovery',
        ...details,
        ...knownId(successor),
        ...userDetailsOf(failure),
      };
      await storeSuccessor(run, { target, successor, recovered });
    }
  }
}

/** Nothing is lost where it cannot be stored: the token is still where it was found. */
async function storeSalvaged(
  run: CreateRun,
  dead: DeadToken,
  { successor, versionId: salvageVersionId }: Extract<Salvage, { kind: 'found' }>,
): Promise<void> {
  const { target, failure } = dead;
  const secretString = nextValue(target, successor, run.settings.tokenField);
  const put = await putPending(run, secretString, knownId(successor));
  switch (put.kind) {
    case 'stored':
      return notifyRecovered(run, {
        recoveredBy: 'salvage',
        salvageVersionId,
        ...knownId(successor),
        ...userDetailsOf(failure),
      });
    case 'taken':
      // Not revoked: it is no orphan, for a version of the secret holds it.
      return requireStoredActive(run, dead);
    case 'failed':
      throw failure.withDetails({ salvage: 'not-stored', salvageVersionId });
  }
}

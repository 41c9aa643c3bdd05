import { type Attempt, limitsOf } from './attempt.ts';
import { persist } from './poll.ts';
import type { RotationRequest } from './ports.ts';
import { storeSuccessor, type Unstored } from './store-successor.ts';
import { LEAST_PROBE_TIMEOUT_MS } from './timing.ts';

/**
 * Successors that could not be stored, kept until this process ends. Lambda
 * promises no process a second invocation, but the next attempt often meets the
 * same one, and then Secrets Manager may be back.
 */
export class UnstoredSuccessors {
  // By the secret: the next attempt may be a rotation that somebody began anew.
  readonly #bySecret = new Map<string, Unstored>();

  keep({ secretId }: RotationRequest, unstored: Unstored): void {
    this.#bySecret.set(secretId, unstored);
  }

  forget({ secretId }: RotationRequest): void {
    this.#bySecret.delete(secretId);
  }

  /**
   * Stores what is kept for the secret of this attempt.
   *
   * @returns false when nothing is kept, or not wanted any more: somebody put
   * another value, or the token is dead, since a person rotated it by its id
   * @throws {RotationError} as storeSuccessor does
   */
  async store(attempt: Attempt): Promise<boolean> {
    const kept = this.#bySecret.get(attempt.request.secretId);
    if (kept === undefined) {
      return false;
    }
    if (!(await isWanted(attempt, kept))) {
      this.forget(attempt.request);
      return false;
    }
    // Not to the end of the invocation: it stays kept, and the next attempt comes.
    const stored = await storeSuccessor(attempt, kept, limitsOf(attempt).floorMs);
    if (stored === 'stored') {
      attempt.invocation.log.info('this is the successor that an earlier run could not store');
    }
    return true;
  }
}

async function isWanted(attempt: Attempt, { target, successor }: Unstored): Promise<boolean> {
  const { deps, request } = attempt;
  const current = await persist(limitsOf(attempt), (timeoutMs) =>
    deps.secrets.readCurrent(request.secretId, timeoutMs),
  );
  if (current.versionId !== target.version.versionId) {
    return false;
  }
  const probe = await deps.tokens.probe(successor.token, LEAST_PROBE_TIMEOUT_MS);
  return probe.kind !== 'dead';
}

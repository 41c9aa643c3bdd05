import type { Attempt } from './attempt.ts';
import type { IssuedToken, RotationRequest } from './ports.ts';
import { storeSuccessor } from './store-successor.ts';
import type { Target } from './target.ts';
import { LEAST_PROBE_TIMEOUT_MS } from './timing.ts';

/** A successor that only this process knows, and what it belongs to. */
interface Unstored {
  readonly target: Target;
  readonly successor: IssuedToken;
}

/**
 * Successors that could not be stored, kept until this process ends. Lambda
 * promises no process a second invocation, but the next attempt often meets the
 * same one, and then Secrets Manager may be back.
 */
export class UnstoredSuccessors {
  readonly #byVersion = new Map<string, Unstored>();

  keep({ versionId }: RotationRequest, unstored: Unstored): void {
    this.#byVersion.set(versionId, unstored);
  }

  forget({ versionId }: RotationRequest): void {
    this.#byVersion.delete(versionId);
  }

  /**
   * Stores what is kept for the version of this attempt.
   *
   * @returns false when nothing is kept, or what was kept is dead: a person may
   * have rotated it by its id meanwhile
   * @throws {RotationError} as storeSuccessor does
   */
  async store(attempt: Attempt): Promise<boolean> {
    const { deps, request, invocation } = attempt;
    const kept = this.#byVersion.get(request.versionId);
    if (kept === undefined) {
      return false;
    }
    const { target, successor } = kept;
    const probe = await deps.tokens.probe(successor.token, LEAST_PROBE_TIMEOUT_MS);
    if (probe.kind === 'dead') {
      this.forget(request);
      return false;
    }
    await storeSuccessor(attempt, target, successor);
    invocation.log.info('this is the successor that an earlier run could not store');
    return true;
  }
}

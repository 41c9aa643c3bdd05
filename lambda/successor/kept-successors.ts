import type { RotationRequest } from '../ports/ports.ts';
import { isMalformed } from '../secret/secret-members.ts';
import { type HeldToken, idOf, parseSecret } from '../secret/secret-value.ts';
import { persist } from '../time/poll.ts';
import { LEAST_PROBE_TIMEOUT_MS } from '../time/timing.ts';
import { type Attempt, limitsOf } from './attempt.ts';
import { notStored, storeSuccessor, type Unstored } from './store-successor.ts';
import type { Target } from './target.ts';

/**
 * What became of the successors that this process got, until it ends. Lambda
 * promises no process a second invocation, but the next attempt often meets the
 * same one.
 */
export class SuccessorMemory {
  // By the secret: the next attempt may be a rotation that somebody began anew.
  readonly #unstored = new Map<string, Unstored>();
  /** The version that a value was last put into, by the secret. */
  readonly #filled = new Map<string, string>();

  /** A successor that could not be stored, for when Secrets Manager is back. */
  keep({ secretId }: RotationRequest, unstored: Unstored): void {
    this.#unstored.set(secretId, unstored);
  }

  /** A put has shown that the version has a value: this process's, or that of another run. */
  noteFilled({ secretId, versionId }: RotationRequest): void {
    this.#filled.set(secretId, versionId);
  }

  /** A read has shown the value of the version: it may be the kept successor, stored after all. */
  noteSeen(request: RotationRequest, { token }: HeldToken): void {
    this.noteFilled(request);
    if (this.#unstored.get(request.secretId)?.successor.token === token) {
      this.forget(request);
    }
  }

  /** The successor is stored, or superfluous. */
  forget({ secretId }: RotationRequest): void {
    this.#unstored.delete(secretId);
  }

  /** Whether the version has a value, although reads may not show it yet. */
  isFilled({ secretId, versionId }: RotationRequest): boolean {
    return this.#filled.get(secretId) === versionId;
  }

  /**
   * Stores what is kept for the secret of this attempt.
   *
   * @returns false when nothing is kept, or not wanted any more: somebody put
   * another token, or this one is dead, since a person rotated it by its id
   * @throws {RotationError} SECRET_MALFORMED, and as storeSuccessor does
   */
  async storeKept(attempt: Attempt): Promise<boolean> {
    const { log } = attempt.invocation;
    const kept = this.#unstored.get(attempt.request.secretId);
    if (kept === undefined) {
      return false;
    }
    const { successor } = kept;
    const target = await findPlace(attempt, kept).catch((cause: unknown) => {
      // What a person must mend says more than that the successor waits.
      throw isMalformed(cause) ? cause : notStored(kept.target, cause, idOf(successor));
    });
    if (target === undefined) {
      log.warn('a successor that an earlier run could not store is dropped', idOf(successor));
      this.#unstored.delete(attempt.request.secretId);
      return false;
    }
    // Not to the end of the invocation: it stays kept, and the next attempt comes.
    const stored = await storeSuccessor(attempt, { ...kept, target }, limitsOf(attempt).floorMs);
    if (stored === 'stored') {
      log.info('this is the successor that an earlier run could not store');
    }
    return true;
  }
}

/**
 * Where a kept successor belongs now: in the current value, whatever else in it
 * was changed meanwhile, as long as that holds the same tokens.
 */
async function findPlace(
  attempt: Attempt,
  { target, successor }: Unstored,
): Promise<Target | undefined> {
  const { deps, request } = attempt;
  const version = await persist(limitsOf(attempt), (timeoutMs) =>
    deps.secrets.readCurrent(request.secretId, timeoutMs),
  );
  const secret = parseSecret(version.secretString, deps.settings);
  const held = secret.standby ?? secret;
  if (held.token !== target.held.token || secret.token !== target.secret.token) {
    return undefined;
  }
  const probe = await deps.tokens.probe(successor.token, LEAST_PROBE_TIMEOUT_MS);
  return probe.kind === 'dead' ? undefined : { ...target, version, secret, held };
}

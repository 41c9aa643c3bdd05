import { isMalformed } from '../secret/secret-members.ts';
import { idOf, parseSecret } from '../secret/secret-value.ts';
import { persist } from '../time/poll.ts';
import { LEAST_PROBE_TIMEOUT_MS } from '../time/timing.ts';
import { type Attempt, limitsOf } from './attempt.ts';
import type { Unstored } from './kept-successors.ts';
import { notStored, storeSuccessor } from './store-successor.ts';
import type { Target } from './target.ts';

/**
 * Stores what is kept for the secret of this attempt.
 *
 * @returns false when nothing is kept, or not wanted any more: somebody put
 * another token, or this one is dead, since a person rotated it by its id
 * @throws {RotationError} SECRET_MALFORMED, and as storeSuccessor does
 */
export async function storeKept(attempt: Attempt): Promise<boolean> {
  const { log } = attempt.invocation;
  const kept = attempt.memory.keptFor(attempt.request);
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
    attempt.memory.forget(attempt.request);
    return false;
  }
  // Not to the end of the invocation: it stays kept, and the next attempt comes.
  const stored = await storeSuccessor(attempt, { ...kept, target }, limitsOf(attempt).floorMs);
  if (stored === 'stored') {
    log.info('this is the successor that an earlier run could not store');
  }
  return true;
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

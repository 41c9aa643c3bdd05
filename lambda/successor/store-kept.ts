import { isFailure } from '../failure.ts';
import { knownId } from '../secret/secret-members.ts';
import { parseSecret } from '../secret/secret-value.ts';
import { retryWhileUnavailable } from '../time/poll.ts';
import { consistencyReserveMs } from '../time/time-left.ts';
import { LEAST_PROBE_TIMEOUT_MS } from '../time/timing.ts';
import { storeSuccessor } from './store-successor.ts';
import type { CreateRun, UnstoredSuccessor } from './successor-memory.ts';
import { notStored, type Target, tokenToRotate } from './target.ts';

/**
 * Stores the successor that an earlier run in this process could not store.
 *
 * @returns false when none is kept, or it is not wanted any more: somebody put
 * another token, or this one is dead, since a person rotated it by its id
 * @throws {RotationError} SECRET_MALFORMED, and as storeSuccessor does
 */
export async function storeKept(run: CreateRun): Promise<boolean> {
  const { request, time, memory, log } = run;
  const kept = memory.keptFor(request);
  if (kept === undefined) {
    return false;
  }
  const id = knownId(kept.successor);
  const target = await findPlace(run, kept).catch((cause: unknown) => {
    // What a person must mend says more than that the successor waits.
    throw isFailure(cause, 'SECRET_MALFORMED') ? cause : notStored(kept.target, cause, id);
  });
  if (target === undefined) {
    log.warn('a successor that an earlier run could not store is dropped', id);
    memory.forget(request);
    return false;
  }
  // Not to the end of the invocation: it stays kept, and the next attempt comes.
  const stored = await storeSuccessor(run, { ...kept, target }, consistencyReserveMs(time));
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
  { secrets, tokens, settings, request, time }: CreateRun,
  { target, successor }: UnstoredSuccessor,
): Promise<Target | undefined> {
  const version = await retryWhileUnavailable(time, consistencyReserveMs(time), (timeoutMs) =>
    secrets.readCurrent(request.secretId, timeoutMs),
  );
  const secret = parseSecret(version.secretString, settings);
  const toRotate = tokenToRotate(secret);
  if (toRotate.token !== target.toRotate.token || secret.token !== target.secret.token) {
    return undefined;
  }
  const probe = await tokens.probe(successor.token, LEAST_PROBE_TIMEOUT_MS);
  return probe.kind === 'dead' ? undefined : { ...target, version, secret, toRotate };
}

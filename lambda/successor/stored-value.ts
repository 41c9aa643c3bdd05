import type { SecretVersion } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { NOT_YET, type NotYet, poll } from '../time/poll.ts';
import { consistencyReserveMs, readTimeoutMs } from '../time/time-left.ts';

/**
 * The value that this version has by now, whatever its labels: where another run has finished the
 * rotation, it is current. A read that fails, or hangs, must not hide that the token is dead.
 */
export async function readStored({ secrets, request, time }: Run): Promise<SecretVersion | NotYet> {
  const { secretId, versionId } = request;
  try {
    return (await secrets.readVersion(secretId, versionId, readTimeoutMs(time))) ?? NOT_YET;
  } catch {
    return NOT_YET;
  }
}

/** Waits for the value of this version as long as reads may not show it; undefined where it does not come. */
export async function awaitStored(
  run: Run,
  reserveMs = consistencyReserveMs(run.time),
): Promise<SecretVersion | undefined> {
  return poll(run.time, reserveMs, () => readStored(run));
}

/**
 * What a version of the secret holds; undefined where it has no value, or none visible yet.
 *
 * @throws {RotationError} SECRET_MALFORMED, and what the store throws
 */
export async function readSecret(
  { secrets, settings, request, time }: Run,
  versionId: string | undefined,
  timeoutMs = readTimeoutMs(time),
): Promise<SecretValue | undefined> {
  const version = versionId && (await secrets.readVersion(request.secretId, versionId, timeoutMs));
  return version ? parseSecret(version.secretString, settings) : undefined;
}

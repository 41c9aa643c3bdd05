import { RotationError } from '../failure.ts';
import {
  currentVersionId,
  type SecretDescription,
  type SecretVersion,
} from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { NOT_YET, poll, retryWhileUnavailable } from '../time/poll.ts';
import { consistencyReserveMs, readTimeoutMs } from '../time/time-left.ts';

/** Where the version to make stands: still pending, or current and so done. */
export interface Staging {
  readonly kind: 'pending' | 'current';
  readonly description: SecretDescription;
  /** How often the labels were asked for. */
  readonly looks: number;
}

/**
 * The checks with which AWS's rotation templates begin, in their order: is
 * rotation on, is the version known, is it current already, is it pending.
 *
 * @throws {RotationError} ROTATION_NOT_ENABLED, VERSION_NOT_STAGED, and what the store throws
 */
export async function readStaging({ secrets, request, time }: Run): Promise<Staging> {
  const { secretId, versionId } = request;
  let last: SecretDescription | undefined;
  let looks = 0;
  const reserveMs = consistencyReserveMs(time);
  const staging = await poll<Staging>(time, reserveMs, async () => {
    const description = await retryWhileUnavailable(time, reserveMs, (timeoutMs) => {
      looks += 1;
      return secrets.describe(secretId, timeoutMs);
    });
    last = description;
    const stages = description.rotationEnabled ? (description.stages[versionId] ?? []) : [];
    if (stages.includes('AWSCURRENT')) {
      return { kind: 'current', description, looks };
    }
    // What is missing may have been written a moment ago.
    return stages.includes('AWSPENDING') ? { kind: 'pending', description, looks } : NOT_YET;
  });
  if (staging !== undefined) {
    return staging;
  }
  throw last?.rotationEnabled === true
    ? new RotationError('VERSION_NOT_STAGED', 'the version to make is not labelled AWSPENDING', {
        details: { labels: last.stages[versionId] ?? [] },
      })
    : new RotationError('ROTATION_NOT_ENABLED', 'rotation is not enabled for this secret');
}

/**
 * Checks that the version that was read is the one that these labels show as current.
 *
 * @throws {RotationError} VERSION_NOT_STAGED
 */
export function requireUnchanged(
  { description }: Staging,
  { versionId }: Pick<SecretVersion, 'versionId'>,
): void {
  if (currentVersionId(description) !== versionId) {
    throw new RotationError('VERSION_NOT_STAGED', 'the secret was changed during the rotation');
  }
}

/** Whether the version is current by now. Never throws. */
export async function isCurrent({
  secrets,
  request,
  time,
}: Run): Promise<'yes' | 'no' | 'unknown'> {
  const description = await secrets
    .describe(request.secretId, readTimeoutMs(time))
    .catch(() => undefined);
  if (description === undefined) {
    return 'unknown';
  }
  return currentVersionId(description) === request.versionId ? 'yes' : 'no';
}

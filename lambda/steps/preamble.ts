import { RotationError } from '../failure.ts';
import {
  currentVersionId,
  type RotationRequest,
  type SecretDescription,
  type SecretVersion,
} from '../ports/secret-store.ts';
import type { Invocation, StepDeps } from '../ports/step.ts';
import { consistencyFloor, NOT_YET, persist, poll } from '../time/poll.ts';

/** Where the version to make stands: still pending, or current and so done. */
export interface Staging {
  readonly kind: 'pending' | 'current';
  readonly description: SecretDescription;
}

/**
 * The checks with which AWS's rotation templates begin, in their order: is
 * rotation on, is the version known, is it current already, is it pending.
 *
 * @throws {RotationError} ROTATION_NOT_ENABLED, VERSION_NOT_STAGED, and what the store throws
 */
export async function readStaging(
  { secrets, clock }: Pick<StepDeps, 'secrets' | 'clock'>,
  { secretId, versionId }: RotationRequest,
  { deadline }: Pick<Invocation, 'deadline'>,
): Promise<Staging> {
  let last: SecretDescription | undefined;
  const limits = { clock, deadline, floorMs: consistencyFloor(deadline.remainingMs()) };
  const staging = await poll<Staging>(limits, async () => {
    const description = await persist(limits, (timeoutMs) => secrets.describe(secretId, timeoutMs));
    last = description;
    const stages = description.rotationEnabled ? (description.stages[versionId] ?? []) : [];
    if (stages.includes('AWSCURRENT')) {
      return { kind: 'current', description };
    }
    // What is missing may have been written a moment ago.
    return stages.includes('AWSPENDING') ? { kind: 'pending', description } : NOT_YET;
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
 * The last look before what cannot be undone: the version to make is pending
 * still, and the version that was read is current, as it was at the beginning.
 *
 * @throws {RotationError} VERSION_NOT_STAGED, and what the store throws
 */
export async function requireUntouched(
  deps: Pick<StepDeps, 'secrets' | 'clock'>,
  request: RotationRequest,
  before: Staging,
  { versionId }: Pick<SecretVersion, 'versionId'>,
  invocation: Pick<Invocation, 'deadline'>,
): Promise<void> {
  const isCurrent = ({ description }: Staging) => currentVersionId(description) === versionId;
  const isUntouched = isCurrent(before) && isCurrent(await readStaging(deps, request, invocation));
  if (!isUntouched) {
    throw new RotationError('VERSION_NOT_STAGED', 'the secret was changed during the rotation');
  }
}

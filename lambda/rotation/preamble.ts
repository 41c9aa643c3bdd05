import { RotationError } from './failure.ts';
import { NOT_YET, persist, poll } from './poll.ts';
import type { Invocation, RotationRequest, SecretDescription, StepDeps } from './ports.ts';
import { CONSISTENCY_BUDGET_MS, RESERVE_MS } from './timing.ts';

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
  { deadline }: Invocation,
): Promise<Staging> {
  let last: SecretDescription | undefined;
  const staging = await poll<Staging>(
    { clock, deadline, floorMs: consistencyFloor(deadline.remainingMs()) },
    async () => {
      const description = await secrets.describe(secretId);
      last = description;
      const labels = description.rotationEnabled ? description.stages[versionId] : undefined;
      if (labels?.includes('AWSCURRENT')) {
        return { kind: 'current', description };
      }
      // What is missing may have been written a moment ago.
      return labels?.includes('AWSPENDING') ? { kind: 'pending', description } : NOT_YET;
    },
  );
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
 * still, and `versionId` current.
 *
 * @throws {RotationError} VERSION_NOT_STAGED, and what the store throws
 */
export async function requireUntouched(
  { secrets, clock }: Pick<StepDeps, 'secrets' | 'clock'>,
  request: RotationRequest,
  versionId: string,
  { deadline }: Pick<Invocation, 'deadline'>,
): Promise<void> {
  const limits = { clock, deadline, floorMs: consistencyFloor(deadline.remainingMs()) };
  let last: SecretDescription | undefined;
  const untouched = await poll(limits, async () => {
    last = await persist(limits, () => secrets.describe(request.secretId));
    const isPending = last.stages[request.versionId]?.includes('AWSPENDING');
    return isPending && currentVersionId(last) === versionId ? 'untouched' : NOT_YET;
  });
  if (untouched === undefined) {
    throw new RotationError('VERSION_NOT_STAGED', 'the secret was changed during the rotation', {
      details: { labels: last?.stages[request.versionId] ?? [] },
    });
  }
}

/** What must remain when a read is repeated because the view may be old. */
export function consistencyFloor(remainingMs: number): number {
  return Math.max(RESERVE_MS, remainingMs - CONSISTENCY_BUDGET_MS);
}

/** The version that has `AWSCURRENT`. */
export function currentVersionId({ stages }: SecretDescription): string | undefined {
  return Object.entries(stages).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
}

import { type Details, RotationError } from './failure.ts';
import { NOT_YET, poll } from './poll.ts';
import type { Invocation, RotationRequest, StepDeps, StepFunction } from './ports.ts';
import { consistencyFloor, currentVersionId, readStaging } from './preamble.ts';

type FinishSecretDeps = Pick<StepDeps, 'secrets' | 'clock'>;

/**
 * Last step: moves `AWSCURRENT` to the new version, and nothing else.
 * `AWSPENDING` is AWS's to remove. What a retry can meet:
 *
 * 1. The version is current: an earlier run, or a request of ours whose answer
 *    was lost, has moved the label.
 * 2. Another version has the label by now: the move must name that one.
 * 3. Nothing moved: once more.
 *
 * @throws {RotationError} NOT_PROMOTED, and what the preamble throws
 */
export function finishSecret(deps: FinishSecretDeps): StepFunction {
  return async (request, invocation) => {
    const { clock } = deps;
    const { deadline, log } = invocation;
    const limits = { clock, deadline, floorMs: consistencyFloor(deadline.remainingMs()) };
    let failure: RotationError | undefined;
    const finished = await poll(limits, async () => {
      const attempt = await promote(deps, request, invocation).catch((error: unknown) => {
        // That a move failed says more than that the labels cannot be read after it.
        return failure ?? Promise.reject(error);
      });
      if (attempt instanceof RotationError) {
        failure = attempt;
        log.warn('AWSCURRENT is not moved yet', attempt.details);
        return NOT_YET;
      }
      return attempt;
    });
    if (finished === undefined) {
      throw failure;
    }
    log.info('the version is current');
  };
}

/** One move, looked at from both sides; the failure when the label is still elsewhere. */
async function promote(
  deps: FinishSecretDeps,
  request: RotationRequest,
  invocation: Invocation,
): Promise<'current' | RotationError> {
  const { secretId, versionId } = request;
  const { kind, description } = await readStaging(deps, request, invocation);
  if (kind === 'current') {
    return 'current'; // case 1
  }
  const holder = currentVersionId(description); // cases 2 and 3
  if (holder === undefined) {
    return notPromoted('no version has AWSCURRENT', {});
  }
  try {
    await deps.secrets.promote(secretId, { from: holder, to: versionId });
    return 'current';
  } catch (cause) {
    const details = {
      currentVersionId: holder,
      ...(cause instanceof RotationError && cause.details),
    };
    return (await isCurrent(deps, request))
      ? 'current' // case 1: only the answer was lost
      : notPromoted('AWSCURRENT could not be moved to the new version', details, cause);
  }
}

async function isCurrent({ secrets }: FinishSecretDeps, request: RotationRequest) {
  const description = await secrets.describe(request.secretId).catch(() => undefined);
  return description !== undefined && currentVersionId(description) === request.versionId;
}

function notPromoted(reason: string, details: Details, cause?: unknown): RotationError {
  return new RotationError('NOT_PROMOTED', reason, { details, cause });
}

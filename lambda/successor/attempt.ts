import type { RotationRequest, SecretVersion } from '../ports/secret-store.ts';
import type { Invocation, StepDeps } from '../ports/step.ts';
import { consistencyFloor, NOT_YET, type NotYet, type PollLimits } from '../time/poll.ts';
import { ALERT_RESERVE_MS, READ_TIMEOUT_MS } from '../time/timing.ts';
import type { SuccessorMemory } from './kept-successors.ts';

/** One run of createSecret, with all that its parts need. */
export interface Attempt {
  readonly deps: StepDeps;
  readonly request: RotationRequest;
  readonly invocation: Invocation;
  /** What earlier runs in this process left behind. */
  readonly memory: SuccessorMemory;
}

/** How long reads are repeated, from now on. */
export function limitsOf({ deps, invocation }: Attempt): PollLimits {
  const { deadline } = invocation;
  return { clock: deps.clock, deadline, floorMs: consistencyFloor(deadline.remainingMs()) };
}

/** For a call that only serves to tell, or mend, a failure: it leaves the alert its time. */
export function readTimeoutMs({ invocation }: Pick<Attempt, 'invocation'>): number {
  return Math.max(
    0,
    Math.min(READ_TIMEOUT_MS, invocation.deadline.remainingMs() - ALERT_RESERVE_MS),
  );
}

/**
 * The value that this version has by now, whatever its labels: where another run has finished the
 * rotation, it is current. A read that fails, or hangs, now must not hide that the token is dead.
 */
export async function storedOrNotYet(attempt: Attempt): Promise<SecretVersion | NotYet> {
  const { deps, request } = attempt;
  const { secretId, versionId } = request;
  try {
    return (await deps.secrets.readVersion(secretId, versionId, readTimeoutMs(attempt))) ?? NOT_YET;
  } catch {
    return NOT_YET;
  }
}

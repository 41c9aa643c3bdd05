import { heal } from '../healing/heal.ts';
import type { SecretVersion } from '../ports/secret-store.ts';
import type { StepFunction } from '../ports/step.ts';
import { parseSecret } from '../secret/secret-value.ts';
import { storeKept } from '../successor/store-kept.ts';
import { type CreateRun, SuccessorMemory } from '../successor/successor-memory.ts';
import { retryWhileUnavailable } from '../time/poll.ts';
import { type Call, early, sideBySide } from '../time/side-by-side.ts';
import { consistencyReserveMs, readTimeoutMs } from '../time/time-left.ts';
import { findTarget } from './find-target.ts';
import { rotateAndStore } from './rotate-and-store.ts';
import { readStaging, type Staging } from './staging.ts';

/**
 * First step: lets a token rotate itself, the standby where the secret has one,
 * else the current token, and stores the successor as `AWSPENDING`. The only step
 * that changes GitLab, and it cannot be undone: the rotated token is revoked, and the
 * new one is shown once.
 *
 * Secrets Manager restarts a failed rotation here, with the same version. What
 * an earlier run can have left behind, or another run can be doing meanwhile:
 *
 * 1. The version is current: an earlier run completed the rotation.
 * 2. The version has a value: an earlier run got this far. Where that was in this
 *    process, it is known, even if reads do not show the value for a while.
 * 3. It has none, and this process still holds the successor that an earlier run
 *    could not store. It is stored now.
 * 4. It has none, and the token is dead: somebody rotated it. Rotating again
 *    would revoke the successor. The value may only not be visible yet. If it
 *    does not come, the successor is looked for.
 * 5. It has none, and the token is active: nothing was rotated, or GitLab is
 *    still at it. Rotate.
 * 6. Another run rotates the token between our probe and our request, or our request gets no
 *    answer. This run waits for a value of the other run, then looks for the successor. But our
 *    request may have made GitLab revoke the successor of the other run, so this run probes the
 *    stored token. Where a revoked one is current already, consumers get back the token they had.
 *    See healing/stored-by-another.ts.
 * 7. GitLab's answer holds the token of another user. Answers were confused on the way, so our
 *    request counts as one without an answer. See token/sent-request.ts.
 *
 * @returns a step for one process: it remembers the successors that the process could not store
 * @throws {RotationError} as the functions it calls
 */
export function createSecret(): StepFunction {
  const memory = new SuccessorMemory();
  return async (given) => {
    const run: CreateRun = { ...given, memory };
    const { staging, readPending, readCurrent } = await readSideBySide(run);
    if (staging.kind === 'current') {
      run.log.info('the version is current already'); // case 1
      return;
    }
    if (await hasValue(run, readPending)) {
      run.log.info('the version has a value already'); // case 2
      return;
    }
    if (await storeKept(run)) {
      return; // case 3
    }
    const found = await findTarget(run, staging.description, readCurrent);
    switch (found.kind) {
      case 'stored':
        // Case 4. Nothing was presented, so this run revoked nothing: testSecret proves the value.
        run.log.info('another run has stored a value for this version');
        return;
      case 'dead':
        return heal(run, { ...found, presented: 'no' }); // case 4
      case 'active':
        return rotateAndStore(run, staging, found); // cases 5 to 7
    }
  };
}

interface Reads {
  readonly staging: Staging;
  readonly readPending: Call<SecretVersion | undefined>;
  readonly readCurrent: Call<SecretVersion>;
}

/** Reads the labels and both values side by side. */
async function readSideBySide(run: CreateRun): Promise<Reads> {
  const { secrets, request, time } = run;
  const readPending = (timeoutMs: number) => secrets.readPending(request, timeoutMs);
  const readCurrent = (timeoutMs: number) => secrets.readCurrent(request.secretId, timeoutMs);
  const limitMs = readTimeoutMs(time);
  const [staging, pending, current] = await sideBySide([
    readStaging(run),
    early(readPending, limitMs),
    early(readCurrent, limitMs),
  ]);
  // If the labels were read more than once, the values were read too early: they are read again.
  return staging.looks > 1
    ? { staging, readPending, readCurrent }
    : { staging, readPending: pending, readCurrent: current };
}

async function hasValue(
  { settings, request, time, memory }: CreateRun,
  readPending: Call<SecretVersion | undefined>,
): Promise<boolean> {
  if (memory.isFilled(request)) {
    return true;
  }
  const pending = await retryWhileUnavailable(time, consistencyReserveMs(time), readPending);
  if (pending === undefined) {
    return false;
  }
  memory.noteSeen(request, parseSecret(pending.secretString, settings));
  return true;
}

import { watchRecovery } from '../healing/check-recovery-credential.ts';
import { heal } from '../healing/heal.ts';
import type { StepDeps, StepFunction } from '../ports/step.ts';
import { parseSecret } from '../secret/secret-value.ts';
import { type Attempt, limitsOf } from '../successor/attempt.ts';
import { SuccessorMemory } from '../successor/kept-successors.ts';
import { storeKept } from '../successor/store-kept.ts';
import { persist } from '../time/poll.ts';
import { findTarget } from './find-target.ts';
import { readStaging } from './preamble.ts';
import { rotateAndStore } from './rotate-and-store.ts';

/**
 * First step: lets a token rotate itself, the standby where the secret has one,
 * else the current token, and stores the successor as `AWSPENDING`. The only step
 * that changes GitLab, and it cannot be undone: the rotated token dies, and the
 * new one is shown once.
 *
 * Secrets Manager restarts a failed rotation here, with the same version. What
 * an earlier run can have left behind, or another run can be doing meanwhile:
 *
 * 1. The version is current: an earlier run went through.
 * 2. The version has a value: an earlier run got this far. Where that was in this
 *    process, it is known without a read, which may not show the value for a while.
 * 3. It has none, and this process still holds the successor that an earlier run
 *    could not store. It is stored now.
 * 4. It has none, and the token is dead: somebody rotated it. Rotating again
 *    would revoke the successor. The value may only not be visible yet; if it
 *    does not come, the successor is looked for.
 * 5. It has none, and the token is alive: nothing was rotated, or GitLab is
 *    still at it. Rotate.
 * 6. The token dies between our probe and our request, or in a request that we do
 *    not know the outcome of: as 4. But GitLab may have revoked the successor of whoever rotated
 *    it, so a stored value is proven; where it is current already, consumers get back what they had.
 * 7. GitLab's answer holds the token of another user: it is lost like one that never came.
 *
 * @throws {RotationError} every code of the list but those of the other steps
 */
export function createSecret(deps: StepDeps): StepFunction {
  const memory = new SuccessorMemory();
  return async (request, invocation) => {
    const { log } = invocation;
    const attempt: Attempt = { deps, request, invocation, memory };
    const staging = await readStaging(deps, request, invocation);
    if (staging.kind === 'current') {
      log.info('the version is current already'); // case 1
      return;
    }
    if (memory.isFilled(request) || (await hasValue(attempt))) {
      log.info('the version has a value already'); // case 2
      return;
    }
    if (await storeKept(attempt)) {
      return; // case 3
    }
    const found = await findTarget(attempt);
    switch (found.kind) {
      case 'stored':
        // Nothing was presented, so nothing has died by this run: testSecret proves the value.
        log.info('another run has stored a value for this version');
        return;
      case 'dead':
        await heal(attempt, { ...found, presented: false }); // case 4
        return;
      case 'alive':
        await watchRecovery(attempt, staging.description);
        await rotateAndStore(attempt, staging, found.target); // cases 5 to 7
    }
  };
}

async function hasValue(attempt: Attempt): Promise<boolean> {
  const { deps, request, memory } = attempt;
  const pending = await persist(limitsOf(attempt), (timeoutMs) =>
    deps.secrets.readPending(request, timeoutMs),
  );
  if (pending === undefined) {
    return false;
  }
  memory.noteSeen(request, parseSecret(pending.secretString, deps.settings));
  return true;
}

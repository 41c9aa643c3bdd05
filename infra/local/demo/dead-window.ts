import type { Faults } from '../server/faults.ts';
import type { Demo } from './demo.ts';
import type { DeadWindow } from './report.ts';

/**
 * Measures how long `AWSCURRENT` leads to a revoked token: from GitLab's commit to the move of the
 * label. Looks after every call that may have changed one of them.
 */
export function watchDeadWindow({ clock, cloud, gitlab, secretId }: Demo) {
  const { secretsManager } = cloud;
  let deadSince: number | undefined;
  let totalMs = 0;
  const look = () => {
    const value = secretsManager.valueOf(secretId, 'AWSCURRENT');
    const { token } = JSON.parse(value ?? '{}') as { token?: string };
    const alive = token !== undefined && gitlab.isAlive(token);
    const now = clock.now().getTime();
    if (alive && deadSince !== undefined) {
      totalMs += now - deadSince;
      deadSince = undefined;
    } else if (!alive) {
      deadSince ??= now;
    }
  };
  const onEveryCall = (faults: Faults) =>
    faults.add({
      operation: '*',
      at: 'after',
      times: Number.POSITIVE_INFINITY,
      effect: { kind: 'run', run: look },
    });
  onEveryCall(gitlab.faults);
  onEveryCall(secretsManager.faults);
  return {
    measure: (): DeadWindow => {
      look();
      const openMs = deadSince === undefined ? 0 : clock.now().getTime() - deadSince;
      return { ms: totalMs + openMs, ongoing: deadSince !== undefined };
    },
  };
}

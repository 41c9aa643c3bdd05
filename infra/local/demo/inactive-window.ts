import type { Faults } from '../server/faults.ts';
import type { Demo } from './demo.ts';
import type { InactiveWindow } from './report.ts';

/**
 * Measures how long `AWSCURRENT` leads to a revoked token: from GitLab's commit to the move of the
 * label. Looks after every call that may have changed one of them.
 */
export function watchInactiveWindow({ clock, cloud, gitlab, secretId }: Demo) {
  const { secretsManager } = cloud;
  let inactiveSince: number | undefined;
  let totalMs = 0;
  const look = () => {
    const value = secretsManager.valueOf(secretId, 'AWSCURRENT');
    const { token } = JSON.parse(value ?? '{}') as { token?: string };
    const isActive = token !== undefined && gitlab.isActive(token);
    const now = clock.now().getTime();
    if (isActive && inactiveSince !== undefined) {
      totalMs += now - inactiveSince;
      inactiveSince = undefined;
    } else if (!isActive) {
      inactiveSince ??= now;
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
    measure: (): InactiveWindow => {
      look();
      const openMs = inactiveSince === undefined ? 0 : clock.now().getTime() - inactiveSince;
      return { ms: totalMs + openMs, ongoing: inactiveSince !== undefined };
    },
  };
}

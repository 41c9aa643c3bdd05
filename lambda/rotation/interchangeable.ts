import { type Details, RotationError } from './failure.ts';
import type { Invocation, Reach, StepDeps } from './ports.ts';
import { type Alive, originOf } from './probe-token.ts';
import { LOOK_TIMEOUT_MS, ROTATE_AND_STORE_MS } from './timing.ts';

/**
 * Makes sure that consumers can do with the standby what they do with the
 * current token: the same scopes and, where GitLab tells it, the same projects
 * and groups in the same role. Whatever else is wrong with a pair, nothing was
 * rotated yet.
 *
 * @throws {RotationError} ROTATION_REFUSED with the refusal `standby-differs`
 */
export async function requireInterchangeable(
  { tokens }: Pick<StepDeps, 'tokens'>,
  [token, standbyToken]: readonly [current: string, standby: string],
  pair: { readonly current: Alive; readonly standby: Alive },
  { deadline }: Pick<Invocation, 'deadline'>,
): Promise<void> {
  const [scopes, standbyScopes] = [pair.current, pair.standby].map(scopesOf);
  if (scopes !== standbyScopes) {
    throw differs(pair.standby, 'scopes', {
      scopes: String(scopes),
      standbyScopes: String(standbyScopes),
    });
  }
  const leftMs = deadline.remainingMs() - ROTATE_AND_STORE_MS;
  if (leftMs <= 0) {
    return;
  }
  const reachOf = (of: string) => tokens.reach(of, Math.min(LOOK_TIMEOUT_MS, leftMs));
  const [reach, standbyReach] = await Promise.all([token, standbyToken].map(reachOf));
  if (reach === undefined || standbyReach === undefined) {
    return;
  }
  if (Object.keys(reach).join() !== Object.keys(standbyReach).join()) {
    throw differs(pair.standby, 'projects', {
      reach: Object.keys(reach),
      standbyReach: Object.keys(standbyReach),
    });
  }
  if (rolesIn(reach) !== rolesIn(standbyReach)) {
    throw differs(pair.standby, 'role', {
      role: rolesIn(reach),
      standbyRole: rolesIn(standbyReach),
    });
  }
}

function scopesOf({ token }: Alive): string {
  return token.scopes.toSorted().join(' ');
}

function rolesIn(reach: Reach): string {
  return Object.values(reach).join(' ');
}

function differs(standby: Alive, difference: string, details: Details): RotationError {
  return new RotationError(
    'ROTATION_REFUSED',
    'the standby token cannot take the place of the current token',
    { details: { ...originOf(standby), refusal: 'standby-differs', difference, ...details } },
  );
}

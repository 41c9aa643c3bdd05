import type { TokenRecord } from '../../../../infra/local/gitlab/gitlab.ts';
import type { SnsMessage } from '../../../../infra/local/sns/message.ts';
import { readHeld } from '../../../rig/stage/held.ts';
import type { Scene } from '../../../rig/stage/stage.ts';

/**
 * Where things stand once nobody tries any more.
 *
 * - `rotated`: consumers have a new, active token
 * - `kept`: consumers have the active token that was current before
 * - `replaced`: consumers have the active token that somebody put by hand
 * - `pending`: what consumers have is dead; an active token is under `AWSPENDING`
 * - `unlabelled`: it is dead; an active token is in a version without a label
 * - `lost`: it is dead; an active successor exists, and nobody has its value
 * - `killed`: every token of the family is dead
 */
export type State = 'rotated' | 'kept' | 'replaced' | 'pending' | 'unlabelled' | 'lost' | 'killed';

/** Alternating: where an active token of the standby's family is, in the same words; `active` is where it should be. */
export type Standby = 'active' | Extract<State, 'pending' | 'unlabelled' | 'lost' | 'killed'>;

/**
 * What mends that not all is well.
 *
 * - `by the next rotation`: which nothing disturbs
 * - `once unblocked`: the next rotation too, once a person has taken `AWSPENDING` off the empty
 *   version that keeps Secrets Manager from beginning it
 * - `not`: neither
 */
export type Mending = 'by the next rotation' | 'once unblocked' | 'not';

/** What a person must do then, as the runbook has it. */
const TODO: Readonly<Record<State, string>> = {
  rotated: 'nothing',
  kept: 'remove the cause that the alert names, then rotate (runbook, try again)',
  replaced: 'nothing',
  pending: 'make the pending version current (runbook, finish by hand)',
  unlabelled: 'make the version current that the rotation made (runbook, VERSION_NOT_STAGED)',
  lost: 'rotate the successor by its id in GitLab, and put its value by hand (runbook, get an active token)',
  killed: 'create a token in GitLab, and put it by hand (runbook, get an active token)',
};

/** The same for the standby, while consumers have an active token. */
const STANDBY_TODO: Readonly<Record<Standby, string>> = {
  active: 'nothing',
  pending: TODO.pending,
  unlabelled: TODO.unlabelled,
  lost: 'put an active token as the standby (runbook, STANDBY_LOST)',
  killed: 'put an active token as the standby (runbook, STANDBY_DEAD)',
};

export function todoOf({ state, standby = 'active', mended }: Outcome): string {
  if (mended === 'by the next rotation') {
    return 'nothing, or rotate at once: the next rotation mends it';
  }
  if (mended === 'once unblocked') {
    return 'remove the cause, unblock, rotate: that mends it (runbook, unblock)';
  }
  const isServed = state === 'rotated' || state === 'kept' || state === 'replaced';
  return isServed && standby !== 'active' ? STANDBY_TODO[standby] : TODO[state];
}

/** What one alert said. */
export interface Told {
  readonly code: string;
  readonly risk: string;
  readonly step: string;
}

/** What came of one cell of the matrix. */
export interface Outcome {
  readonly rotation: string;
  readonly attempts: number;
  readonly state: State;
  /** Alternating only. */
  readonly standby?: Standby;
  /** Where not all is well. */
  readonly mended?: Mending;
  /** Whether `AWSCURRENT` was ever seen with a dead token. */
  readonly everDead: boolean;
  /** Tokens of the family that live and that no version of the secret holds. */
  readonly orphans: number;
  /** Rotate requests that the rotator sent. */
  readonly rotateRequests: number;
  /** Of these, those whose credential was dead when they came. */
  readonly deadPresented: number;
  /** Rotate requests with a dead credential that something between sent a second time. */
  readonly deadRepeated: number;
  /** Tokens that GitLab's reuse detection revoked. */
  readonly killed: number;
  /** For how long `AWSCURRENT` held a dead token, in seconds; Infinity (in JSON null) where it still does. */
  readonly deadSeconds: number;
  readonly alerts: readonly Told[];
  /** Invocations that failed. One whose result is lost on the way has not. */
  readonly failures: number;
}

/** Whether nothing is left to do, neither for a person nor for the next rotation. */
export function isWell({ state, standby = 'active' }: Outcome): boolean {
  return ['rotated', 'kept', 'replaced'].includes(state) && standby === 'active';
}

/** Whether AWS has an event for how the rotation ended, which the failure rule takes to the topic. */
export function isToldByAws({ rotation }: Outcome): boolean {
  return rotation === 'failed' || rotation === 'abandoned';
}

/** Looks on while a scene is played, and says what came of it. */
export function observe({ stage, secretId, tokenId: first, standbyId, repeats }: Scene) {
  const { clock, gitlab, cloud } = stage;
  const { secretsManager, sns, lambda } = cloud;
  const already = {
    rotateRequests: gitlab.rotateRequests.length,
    alerts: sns.messages.length,
    invocations: lambda.invocations.length,
  };
  let deadSince: number | undefined;
  let everDead = false;
  let deadMs = 0;
  const look = () => {
    const isDead = !isActive(secretsManager.valueOf(secretId, 'AWSCURRENT'));
    const now = clock.now().getTime();
    everDead ||= isDead;
    if (isDead) {
      deadSince ??= now;
    } else if (deadSince !== undefined) {
      deadMs += now - deadSince;
      deadSince = undefined;
    }
  };
  const effect = { kind: 'run', run: look } as const;
  for (const { faults } of [gitlab, secretsManager]) {
    faults.add({ operation: '*', at: 'after', times: Number.POSITIVE_INFINITY, effect });
  }

  function isActive(secretString: string | undefined): boolean {
    return gitlab.isActive(readHeld(secretString).token ?? '');
  }

  function stateOf(family: readonly TokenRecord[]): State {
    const current = secretsManager.valueOf(secretId, 'AWSCURRENT');
    if (isActive(current)) {
      const id = readHeld(current).tokenId;
      const isOwn = family.some((token) => token.id === id);
      return id === first ? 'kept' : isOwn ? 'rotated' : 'replaced';
    }
    if (isActive(secretsManager.valueOf(secretId, 'AWSPENDING'))) {
      return 'pending';
    }
    if (secretsManager.snapshot(secretId).versions.some(({ value }) => isActive(value))) {
      return 'unlabelled';
    }
    return family.some(({ active }) => active) ? 'lost' : 'killed';
  }

  function familyOf(tokenId: number | undefined): readonly TokenRecord[] {
    return tokenId === undefined ? [] : gitlab.family(tokenId);
  }

  /** Of the standby that is current now; and where it is dead, of the family that it began with. */
  function standbyOf(family: readonly TokenRecord[]): Standby {
    const active = family.filter(({ active }) => active).map(({ id }) => id);
    const holds = (value: string | undefined) =>
      idsIn(value).some((id) => id !== undefined && active.includes(id));
    const { standby } = readHeld(secretsManager.valueOf(secretId, 'AWSCURRENT'));
    if (gitlab.isActive(standby?.token ?? '')) {
      return 'active';
    }
    if (holds(secretsManager.valueOf(secretId, 'AWSPENDING'))) {
      return 'pending';
    }
    if (secretsManager.snapshot(secretId).versions.some(({ value }) => holds(value))) {
      return 'unlabelled';
    }
    return active.length > 0 ? 'lost' : 'killed';
  }

  return ({ kind, attempts }: { readonly kind: string; readonly attempts: number }): Outcome => {
    look();
    const standbys = familyOf(standbyId);
    const own = [...familyOf(first), ...standbys];
    const held = secretsManager.snapshot(secretId).versions.flatMap(({ value }) => idsIn(value));
    const requests = gitlab.rotateRequests.slice(already.rotateRequests);
    return {
      rotation: kind,
      attempts,
      state: stateOf(own),
      everDead,
      ...(standbyId !== undefined && { standby: standbyOf(standbys) }),
      orphans: own.filter(({ id, active }) => active && !held.includes(id)).length,
      rotateRequests: requests.length,
      deadPresented: requests.filter(({ deadToken }) => deadToken).length,
      deadRepeated: repeats.filter(({ dead }) => dead).length,
      killed: own.filter(({ revokedBy }) => revokedBy === 'reuse-detection').length,
      deadSeconds: deadSince === undefined ? deadMs / 1000 : Number.POSITIVE_INFINITY,
      alerts: sns.messages.slice(already.alerts).map(toldIn),
      failures: lambda.invocations
        .slice(already.invocations)
        .filter(({ outcome }) => outcome !== 'success').length,
    };
  };
}

/** Of the token, and of the standby where there is one. */
function idsIn(secretString: string | undefined): readonly (number | undefined)[] {
  const { tokenId, standby } = readHeld(secretString);
  return [tokenId, ...(standby ? [standby.tokenId] : [])];
}

function toldIn({ attributes }: SnsMessage): Told {
  const read = (name: string) => attributes[name]?.value ?? '';
  return { code: read('code'), risk: read('risk'), step: read('step') };
}

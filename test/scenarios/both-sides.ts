import { STEPS } from '../../lambda/failure.ts';
import type { Rig } from '../rig/function/rig.ts';

/** A token that a secret holds, and whether GitLab accepts it. */
export interface Held {
  readonly token: string;
  readonly active: boolean;
}

/** What became of a rotation, at GitLab and in the secret. */
export interface BothSides {
  readonly current: Held;
  /** Undefined while the version has no value. */
  readonly pending?: Held;
  /** What each rotate request was answered with, oldest first; undefined for no whole answer. */
  readonly rotateRequests: readonly (number | undefined)[];
  /** How many of them presented a token that was dead. */
  readonly deadTokens: number;
}

/** Looks at both sides, whatever the steps said. */
export function bothSides(rig: Rig): BothSides {
  const { secretsManager, gitlab, secretId } = rig;
  const held = (label: string): Held | undefined => {
    const text = secretsManager.valueOf(secretId, label);
    const token = text === undefined ? undefined : tokenIn(text);
    return token === undefined ? undefined : { token, active: gitlab.isActive(token) };
  };
  const pending = held('AWSPENDING');
  return {
    current: held('AWSCURRENT') ?? { token: 'none', active: false },
    ...(pending && { pending }),
    rotateRequests: gitlab.rotateRequests.map(({ status }) => status),
    deadTokens: gitlab.rotateRequests.filter(({ deadToken }) => deadToken).length,
  };
}

/** The state in which a rotation that changed nothing leaves everything. */
export const UNTOUCHED: BothSides = {
  current: { token: 'first', active: true },
  rotateRequests: [],
  deadTokens: 0,
};

/** The state after a rotation that went through. */
export const ROTATED: BothSides = {
  current: { token: 'successor-1', active: true },
  pending: { token: 'successor-1', active: true },
  rotateRequests: [200],
  deadTokens: 0,
};

/** Runs the steps in their order, as Secrets Manager does while none fails. */
export async function runAllSteps(rig: Rig): Promise<void> {
  for (const step of STEPS) {
    await rig.run(step);
  }
}

function tokenIn(secretString: string): string {
  const text = secretString.trim();
  return text.startsWith('{') ? JSON.parse(text).token : text;
}

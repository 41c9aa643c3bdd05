import type { Answer } from '../../../infra/local/server/wire.ts';
import type { Rig } from '../../rig/function/rig.ts';
import type { BothSides } from '../both-sides.ts';

/** GitLab rotated, and what it said of it is of no use. */
export const LOST: BothSides = {
  current: { token: 'first', active: false },
  rotateRequests: [200],
  deadTokens: 0,
};

/** Lets GitLab answer in these words from now on: instead of doing anything, or after it has. */
export function answerTo(
  rig: Rig,
  operation: string,
  answer: Answer,
  at: 'before' | 'after' = 'after',
): void {
  rig.gitlab.faults.add({ operation, at, times: 1000, effect: { kind: 'answer', answer } });
}

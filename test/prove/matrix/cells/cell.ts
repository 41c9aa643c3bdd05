import type { Step } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import type { Point } from '../../../rig/stage/points.ts';
import type { Scene } from '../../../rig/stage/stage.ts';

/** What is crossed with what. */
export type Group =
  | 'calls'
  | 'steps'
  | 'stale reads'
  | 'alerts'
  | 'healing'
  | 'salvage'
  | 'two at once';

/** One crossing of the matrix: something in a rotation, and how it goes wrong. */
export interface Cell {
  readonly group: Group;
  /** A call, a step, or a kind of read from a step on. */
  readonly row: string;
  readonly way: string;
  /** In which it goes wrong. */
  readonly step: Step;
  readonly summary: string;
  /** Of the first token. @default self_rotate */
  readonly scopes?: readonly string[];
  /** What happened before the rotation. @default - nothing */
  readonly prepare?: (scene: Scene) => Promise<void>;
  readonly arrange: (scene: Scene) => unknown;
  /** Two runs tell at the same time; then the order of alerts is that of their steps. */
  readonly isToldAtOnce?: boolean;
}

/** What there is to disturb. */
export interface Calls {
  readonly rotation: readonly Point[];
  /** Those by which a lost successor is found, with a recovery credential. */
  readonly healing: readonly Point[];
  /** The one by which its bot user is found, where an earlier rotation has lost it. */
  readonly search: readonly Point[];
  /** Those by which it is found in the secret itself. */
  readonly salvage: readonly Point[];
  /** The one by which a superfluous successor is revoked. */
  readonly revocation: readonly Point[];
}

/** Names a cell. */
export function keyOf({ group, row, way }: Pick<Cell, 'group' | 'row' | 'way'>): string {
  return `${group} / ${row} / ${way}`;
}

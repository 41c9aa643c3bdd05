import type { SetupName } from '../../../rig/stage/setups.ts';
import type { Cell } from '../cells/cell.ts';
import type { Outcome } from './outcome.ts';

/** One cell and what came of it. */
export interface Played {
  readonly setup: SetupName;
  readonly cell: Cell;
  readonly outcome: Outcome;
}

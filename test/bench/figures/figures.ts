import type { Bundle, Rotator } from '../bundle/bundles.ts';
import type { ColdStarts } from '../bundle/cold-start.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { HeapSample } from '../fleet/heap.ts';
import type { MemorySetting } from '../memory/memory.ts';
import type { Course } from '../rotation/course.ts';
import type { OwnTimes, WarmRotations, Way } from '../rotation/warm.ts';

export interface BundleFigures {
  readonly bundles: Readonly<Record<Rotator, Omit<Bundle, 'path'>>>;
  readonly starts: ColdStarts;
}

export interface RotationFigures {
  readonly courses: Readonly<Record<Way, Course>>;
  readonly rotations: WarmRotations;
  readonly ownTimes: OwnTimes;
}

export interface FleetFigures {
  /** Of the faults. */
  readonly seed: number;
  readonly fleets: readonly Fleet[];
  readonly heap: readonly HeapSample[];
}

/** All that was measured. A part is absent where nobody asked for it; the memory needs two others. */
export interface Figures {
  readonly bundle?: BundleFigures;
  readonly rotation?: RotationFigures;
  readonly fleet?: FleetFigures;
  readonly memory?: readonly MemorySetting[];
}

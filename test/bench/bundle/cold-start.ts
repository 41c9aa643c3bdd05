import type { Invocation } from '../process/instance.ts';
import type { Workbench } from '../process/workbench.ts';
import { type Bundles, ROTATORS, type Rotator } from './bundles.ts';

/** What a function takes that has just been started, one figure for each sample. */
export interface ColdStart {
  /** Of the bundle. */
  readonly importMs: number;
  /** From the start of the process to the answer of createSecret, which has called both services. */
  readonly firstAnswerMs: number;
  /** The processor, for the same. */
  readonly firstAnswerCpuMs: number;
  /** Resident after createSecret. */
  readonly memoryBytes: number;
}

export type ColdStarts = Readonly<Record<Rotator, readonly ColdStart[]>>;

/** Starts each rotator again and again, one beside the other, each time in a new process. */
export async function measureColdStarts(
  workbench: Workbench,
  bundles: Bundles,
  samples: number,
): Promise<ColdStarts> {
  const starts: Record<Rotator, ColdStart[]> = { ours: [], users: [] };
  // The first finds nothing of Node, of the bundle and of the servers in any cache: it does not count.
  for (let sample = 0; sample <= samples; sample += 1) {
    for (const rotator of inTurn(sample)) {
      const start = await startOnce(workbench, bundles[rotator].path);
      if (sample > 0) {
        starts[rotator].push(start);
      }
    }
  }
  return starts;
}

/** Who comes first changes: it may find the machine other than who comes second. */
function inTurn(sample: number): readonly Rotator[] {
  return sample % 2 === 0 ? ROTATORS : ROTATORS.toReversed();
}

async function startOnce(workbench: Workbench, bundle: string): Promise<ColdStart> {
  await using instance = workbench.instanceOf(bundle);
  const secretId = await workbench.createSecret();
  const invocations = await workbench.rotate(secretId, instance);
  return coldStartOf(invocations);
}

/** @throws {Error} for a rotation without steps */
function coldStartOf([first]: readonly Invocation[]): ColdStart {
  if (first === undefined) {
    throw new Error('a rotation has made no step');
  }
  return {
    importMs: first.importMs,
    firstAnswerMs: first.sinceStartMs,
    firstAnswerCpuMs: first.cpuSinceStartMs,
    memoryBytes: first.memoryBytes,
  };
}

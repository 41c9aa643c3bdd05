import { measureHeapBy } from '../../rig/clock/heap.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import { type Bundles, type Stage, setScene, startStage } from '../../rig/stage/stage.ts';

/** Of one secret: it cannot have more than a hundred versions in a day. */
const ROTATIONS_PER_SECRET = 50;
const STEPS = 4;
/** Between two rotations. */
const HOUR_MS = 3_600_000;
/** How often the memory is measured. */
const SAMPLES = 10;

/** The memory of one instance, after so many invocations. */
export interface HeapSample {
  readonly invocations: number;
  /** In use, without garbage. */
  readonly bytes: number;
}

export interface HeapProps {
  /** At least so many. */
  readonly invocations: number;
  readonly bundles: Bundles;
}

/** Lets one instance rotate secret after secret, on a simulated clock. */
export async function measureHeap({ invocations, bundles }: HeapProps): Promise<HeapSample[]> {
  const clock = new SimulatedClock();
  const measure = measureHeapBy(clock);
  await using stage = await startStage('one token', bundles, { clock });
  const rotations = Math.ceil(invocations / STEPS / SAMPLES);
  const samples: HeapSample[] = [];
  for (let sample = 1; sample <= SAMPLES; sample += 1) {
    await rotateSecrets(stage, rotations, `app-${sample}`);
    const bytes = await clock.still(measure());
    samples.push({ invocations: sample * rotations * STEPS, bytes });
  }
  if (stage.cloud.lambda.invocations.filter(({ coldStart }) => coldStart).length !== 1) {
    throw new Error('more than one instance has rotated');
  }
  return samples;
}

/**
 * Bytes that each invocation leaves behind, by the line that fits the samples best. The first is left
 * out: until then, V8 still compiles.
 */
export function bytesPerInvocation([, ...samples]: readonly HeapSample[]): number {
  const mean = (figure: (sample: HeapSample) => number) =>
    samples.reduce((sum, sample) => sum + figure(sample), 0) / samples.length;
  const meanInvocations = mean(({ invocations }) => invocations);
  const meanBytes = mean(({ bytes }) => bytes);
  const slopes = samples.map(({ invocations, bytes }) => ({
    product: (invocations - meanInvocations) * (bytes - meanBytes),
    square: (invocations - meanInvocations) ** 2,
  }));
  const sum = (figure: 'product' | 'square') =>
    slopes.reduce((total, each) => total + each[figure], 0);
  return sum('product') / sum('square');
}

async function rotateSecrets(stage: Stage, rotations: number, name: string): Promise<void> {
  for (let done = 0; done < rotations; done += ROTATIONS_PER_SECRET) {
    const { rotate } = await setScene(stage, `${name}-${done}`);
    for (let count = 0; count < Math.min(ROTATIONS_PER_SECRET, rotations - done); count += 1) {
      const { kind } = await rotate();
      if (kind !== 'succeeded') {
        throw new Error(`a rotation ${kind}`);
      }
      // Time-outs are kept until they would have struck: without this, no time would pass here.
      await stage.clock.during(stage.clock.sleep(HOUR_MS));
    }
  }
}

import type { DemoFault } from './demo-faults.ts';
import type { DemoEnding, SecretState } from './report.ts';

/** How a rotation ended, for those who read the secret. */
export function endingOf(outcome: string, { labels }: SecretState): DemoEnding {
  const current = labels.find(({ label }) => label === 'AWSCURRENT');
  if (current?.status !== 'active') {
    return 'current token lost';
  }
  return outcome === 'succeeded' ? 'rotated' : 'not rotated';
}

/** What somebody has set up beside the first token. */
export interface Precautions {
  readonly recovery: boolean;
  readonly alternating: boolean;
}

/** How a demonstration should end. With two tokens, no fault costs the current one. */
export function expectedEnding(
  fault: DemoFault | undefined,
  { recovery, alternating }: Precautions,
): DemoEnding {
  const { ends = 'rotated', endsWithRecovery, endsAlternating } = fault ?? {};
  if (recovery && endsWithRecovery !== undefined) {
    return endsWithRecovery;
  }
  if (alternating) {
    return endsAlternating ?? (ends === 'current token lost' ? 'not rotated' : ends);
  }
  return ends;
}

import { faint } from './paint.ts';
import { presentProgress } from './present.ts';
import type { RotationProgress } from './secrets-manager/rotation-run.ts';

/** How long a step may be silent before somebody at the terminal wonders; the usual one is faster. */
const PATIENCE_MS = 5000;

/** Shows a rotation as it runs: each step when it ends, and one that takes long meanwhile. */
export function progressTeller(show: (text: string) => void): (progress: RotationProgress) => void {
  let waiting: NodeJS.Timeout | undefined;
  return (progress) => {
    clearTimeout(waiting);
    if (progress.what === 'step-started') {
      const line = `    ${progress.step} is still at work: it asks again, for 60 seconds at most`;
      waiting = setTimeout(() => show(faint(line)), PATIENCE_MS);
    }
    const line = presentProgress(progress);
    if (line !== undefined) {
      show(line);
    }
  };
}

import { constants } from 'node:os';

/** Ctrl-C, a plain `kill`, and a terminal that closes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lets a person stop the program as long as nothing has happened, and not while
 * a real token rotates: an end between GitLab's answer and the store would lose
 * it. From then on until the process is through, its servers included.
 */
export function heedInterruptions(): { beginRotation(): void } {
  let isUnderWay = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!isUnderWay) {
        // As a shell tells the end by a signal.
        process.exit(128 + constants.signals[signal]);
      }
      process.stderr.write('The rotation is under way, and ends by itself within minutes.\n');
    });
  }
  // A terminal that closes takes the output along: a line that nobody can read
  // any more is an error, which would end the program where nobody heeds it.
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', () => undefined);
  }
  return {
    beginRotation: () => {
      isUnderWay = true;
    },
  };
}

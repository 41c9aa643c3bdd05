import { constants } from 'node:os';

/** Ctrl-C, a plain `kill`, and a terminal that closes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruptions {
  /** From here on the program runs to its end, whatever happens to its terminal. */
  beginRotation(): void;
}

/**
 * Lets a person stop the program as long as nothing has happened, and not while
 * a real token rotates: an end between GitLab's answer and the store would lose
 * it. From then on until the process is through, its servers included.
 *
 * A reader that closes the output, as `head` does, stops it too. The processes
 * that run the function end with this one.
 */
export function heedInterruptions(): Interruptions {
  let isUnderWay = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!isUnderWay) {
        exitBySignal(signal);
      }
      process.stderr.write('The rotation is under way, and ends by itself within minutes.\n');
    });
  }
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (isUnderWay) {
      return;
    }
    if (code === 'EPIPE') {
      exitBySignal('SIGPIPE');
    }
    process.stderr.write(`The output cannot be written: ${code}\n`);
    process.exit(2);
  });
  // Nothing is left to tell it to, and the result goes to the other output.
  process.stderr.on('error', () => undefined);
  return {
    beginRotation: () => {
      isUnderWay = true;
    },
  };
}

/** With the exit code that a shell gives to the signal. */
function exitBySignal(signal: (typeof SIGNALS)[number] | 'SIGPIPE'): never {
  process.exit(128 + constants.signals[signal]);
}

// Loaded first into a process whose memory is measured: on a signal it says how much of it is in use.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What the process says. */
export interface HeapReport {
  /** Bytes that are in use once all garbage is collected. */
  readonly heapUsed: number;
}

/** V8 drops compiled code only after some collections in which nobody ran it. */
const COLLECTIONS = 8;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  for (let count = 0; count < COLLECTIONS; count += 1) {
    collect();
  }
  const { heapUsed } = process.memoryUsage();
  const report: HeapReport = { heapUsed };
  process.send?.(report);
});

import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { HeapReport } from './process-heap.ts';
import type { SimulatedClock } from './simulated-clock.ts';

const PROCESS_HEAP = join(import.meta.dirname, 'process-heap.ts');

/** How many bytes the process that the clock adopted last has in use, without garbage. */
export type MeasureHeap = () => Promise<number>;

/** Lets the memory be measured of processes that are started after this. */
export function measureHeapBy(clock: SimulatedClock): MeasureHeap {
  const { execArgv, adopt } = clock.processes;
  let last: ChildProcess | undefined;
  const processes: SimulatedClock['processes'] = {
    execArgv: [...execArgv, '--import', PROCESS_HEAP],
    adopt: (child) => {
      last = child;
      return adopt(child);
    },
  };
  Object.assign(clock, { processes });
  return () =>
    new Promise((resolve, reject) => {
      const listen = (message: object) => {
        if ('heapUsed' in message) {
          last?.off('message', listen);
          resolve((message as HeapReport).heapUsed);
        }
      };
      last?.on('message', listen);
      if (last?.pid === undefined) {
        reject(new Error('no process is running'));
        return;
      }
      // Not by its own method, which notes it as killed: the local Lambda would start another.
      process.kill(last.pid, 'SIGUSR2');
    });
}

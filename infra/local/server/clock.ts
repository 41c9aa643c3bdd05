import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** The time that the servers on this machine live by. */
export interface LocalClock {
  now(): Date;
  /** Ends early, and quietly, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Says that something is happening: a simulated clock stands still meanwhile. */
  noteActivity(): void;
  /** How a process comes to live by this clock. @default - it has the machine's, as this one */
  readonly processes?: ProcessClock;
}

/** What makes another process live by a simulated clock. */
export interface ProcessClock {
  /** Options of Node with which the process must be started, with an IPC channel. */
  readonly execArgv: readonly string[];
  /** Takes a process that was started so. */
  adopt(child: ChildProcess): AdoptedProcess;
}

/** A process that uses a simulated clock. */
export interface AdoptedProcess {
  /** Lets time pass without it: none of its timers fires, and time does not wait for it. */
  freeze(): void;
  /** Sets its clock; resolves when all that has become due meanwhile is done. */
  thaw(): Promise<void>;
}

/** The clock of the machine. */
export const MACHINE_CLOCK: LocalClock = {
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }).catch(() => undefined),
  noteActivity: () => undefined,
};

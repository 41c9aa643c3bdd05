import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  AdoptedProcess,
  LocalClock,
  ProcessClock,
} from '../../../infra/local/server/clock.ts';
import type { Tick, Tock } from './process-clock.ts';
import { quiet } from './quiet.ts';

/** What runs in each process that lives by this clock. */
const PROCESS_CLOCK = join(import.meta.dirname, 'process-clock.ts');

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/**
 * A clock whose time stands still while anybody does anything, and then jumps to
 * the next moment that somebody waits for: minutes of time-outs and pauses pass
 * in milliseconds, and no load of the machine can make a time-out strike.
 *
 * Everybody is this process and each one that it adopted and has not frozen. A process that
 * computes, or waits for the disk, does not answer; one that has answered, while
 * nothing arrived at any server since it was asked, waits for time to pass.
 */
export class SimulatedClock implements LocalClock {
  readonly processes: ProcessClock = {
    execArgv: ['--import', PROCESS_CLOCK],
    adopt: (child) => this.#adopt(child),
  };
  readonly #sleepers = new Set<Sleeper>();
  readonly #processes = new Set<(now: number) => Promise<number | null>>();
  readonly #held = new Set<Promise<unknown>>();
  #asked = 0;
  #now: number;
  #activity = 0;
  /** The activity that was known when the processes were asked last, or spared. */
  #seen = 0;
  /** What the processes answered when time last passed: it holds while nobody does anything. */
  #told: { readonly activity: number; readonly answers: readonly (number | null)[] } | undefined;

  constructor(start = new Date()) {
    this.#now = start.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { wakeAt: this.#now + Math.max(0, ms), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake);
      this.noteActivity();
    });
  }

  noteActivity(): void {
    this.#activity += 1;
  }

  /** Lets that much time pass at once, as when a machine stands still: everybody wakes up late. */
  jump(ms: number): void {
    this.#now += ms;
    this.noteActivity();
    this.#wakeSleepers();
  }

  /**
   * Lets time stand still until the work ends: a call of this process, which on a busy machine may
   * be on its way when nobody is seen to do anything. The work must not wait for time to pass.
   */
  async still<T>(work: Promise<T>): Promise<T> {
    const held = work.then(ignore, ignore);
    this.#held.add(held);
    this.noteActivity();
    try {
      return await work;
    } finally {
      this.#held.delete(held);
    }
  }

  /** Lets time pass until the work ends. At other times it stands still. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    while (!isOver) {
      const next = await Promise.race([this.#nextMoment(), over.then(ignore, ignore)]);
      if (next !== undefined && !isOver) {
        await this.#advanceTo(next);
      }
    }
    return over;
  }

  /** What everybody waits for; undefined when somebody does something, or nobody waits. */
  async #nextMoment(): Promise<number | undefined> {
    // Whom the last jump woke comes first: it may stop a process.
    await quiet();
    if (this.#held.size > 0) {
      await Promise.race(this.#held);
      return undefined;
    }
    const before = this.#activity;
    const answers = await this.#answers(before);
    if (!answers || this.#activity !== before) {
      return undefined;
    }
    const moments = [
      ...[...this.#sleepers].map(({ wakeAt }) => wakeAt),
      ...answers.filter((next) => next !== null),
    ];
    if (moments.length === 0) {
      this.#told = undefined;
      await wait(1);
      return undefined;
    }
    return Math.min(...moments);
  }

  /** What each process waits for; undefined when somebody has just done something. */
  async #answers(activity: number): Promise<readonly (number | null)[] | undefined> {
    if (this.#told?.activity === activity) {
      return this.#told.answers;
    }
    if (activity !== this.#seen) {
      // Who has just done something is likely to go on: the processes are asked when it is quiet.
      this.#seen = activity;
      await wait(1);
      return undefined;
    }
    const answers = await this.#tellTime();
    await quiet();
    return answers;
  }

  /** Every process must know what time it is before somebody else acts on it. */
  async #advanceTo(moment: number): Promise<void> {
    const activity = this.#activity;
    this.#now = Math.max(this.#now, moment);
    this.#told = { activity, answers: await this.#tellTime() };
    this.#wakeSleepers();
  }

  /** @returns what each process waits for, once it can only wait */
  #tellTime(): Promise<(number | null)[]> {
    return Promise.all([...this.#processes].map((ask) => ask(this.#now)));
  }

  #wakeSleepers(): void {
    for (const { wakeAt, wake } of this.#sleepers) {
      if (wakeAt <= this.#now) {
        this.noteActivity();
        wake();
      }
    }
  }

  #adopt(child: ChildProcess): AdoptedProcess {
    const asked = new Map<number, (tock: Tock) => void>();
    const ask = (now: number) =>
      new Promise<number | null>((resolve) => {
        this.#asked += 1;
        asked.set(this.#asked, ({ next }) => resolve(next));
        const tick: Tick = { id: this.#asked, now };
        // A process that is dying takes nothing; it answers by being gone.
        child.send(tick, () => undefined);
      });
    this.#processes.add(ask);
    child.on('message', (tock: Tock) => {
      asked.get(tock.id)?.(tock);
      asked.delete(tock.id);
    });
    child.once('close', () => {
      this.#processes.delete(ask);
      this.noteActivity();
      for (const [id, answer] of asked) {
        answer({ id, next: null });
      }
    });
    return {
      freeze: () => this.#processes.delete(ask),
      thaw: async () => {
        this.#processes.add(ask);
        await ask(this.#now);
        this.noteActivity();
      },
    };
  }
}

function ignore(): undefined {
  return undefined;
}

// Loaded first into each process that lives by a simulated clock: time goes by what that clock says.

import { syncBuiltinESMExports } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';
import { quiet } from './quiet.ts';

/** What the clock tells: the time, in milliseconds since 1970. */
export interface Tick {
  readonly id: number;
  readonly now: number;
}

/** What a process answers once it can only wait: the moment of its next timer; null without one. */
export interface Tock {
  /** Of the tick that it answers. */
  readonly id: number;
  readonly next: number | null;
}

const clock = FakeTimers.install({
  now: Date.now(),
  toFake: [
    'Date',
    'hrtime',
    'performance',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
  ],
});
// The library leaves this one out.
AbortSignal.timeout = (ms) => {
  const controller = new AbortController();
  setTimeout(() => {
    const message = 'The operation was aborted due to timeout';
    controller.abort(new DOMException(message, 'TimeoutError'));
  }, ms);
  return controller.signal;
};
// Who imports a timer by its name must find the one that was put in its place.
syncBuiltinESMExports();

// The channel keeps the process alive, as a timer that is not of the machine cannot.
process.on('message', async ({ id, now }: Tick) => {
  if (now < clock.now) {
    clock.setSystemTime(now);
  }
  // Also where no time has passed: a timer without a delay is due at once. Where this process was
  // frozen meanwhile, what was due strikes late, and does not live through the time in between.
  clock.jump(now - clock.now);
  await quiet();
  const moments = [...(clock.timers?.values() ?? [])].flatMap(({ callAt }) => callAt ?? []);
  // A timer may fall between two milliseconds, which the library lets pass as a whole.
  const tock: Tock = { id, next: moments.length === 0 ? null : Math.ceil(Math.min(...moments)) };
  process.send?.(tock);
});

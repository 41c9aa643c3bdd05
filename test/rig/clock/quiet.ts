import { setImmediate as turn } from 'node:timers/promises';

/** In this many turns of the event loop, whatever has reached a process is taken in. */
const TURNS = 4;

/** What goes on outside of JavaScript, and ends whatever others do. */
const SYSTEM_WORK = /^(?:FSReq|GetAddrInfoReq|GetNameInfoReq|TCPConnect)|Request$/;

/** Waits until this process has taken in what has reached it, and waits for nothing but others. */
export async function quiet(): Promise<void> {
  do {
    for (let count = 0; count < TURNS; count += 1) {
      await turn();
    }
  } while (process.getActiveResourcesInfo().some((resource) => SYSTEM_WORK.test(resource)));
}

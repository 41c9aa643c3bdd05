import type { ServerResponse } from 'node:http';
import { type LocalClock, MACHINE_CLOCK } from './clock.ts';
import type { Answer } from './wire.ts';

/**
 * What goes wrong, as the caller sees it.
 *
 * - `reset`: the connection is reset; no answer
 * - `hang`: no answer, until the caller gives up
 * - `delay`: the answer comes `ms` milliseconds later
 * - `cut`: the connection is reset in the middle of the answer
 * - `answer`: this answer instead of the real one
 * - `twice`: the call is carried out twice, at once (`before`) or one after the other (`after`), as
 *   when something between sends it again; the caller gets the answer to the second
 * - `run`: does something at this moment (kill a process, edit a secret), then goes on
 */
export type FaultEffect =
  | { readonly kind: 'reset' | 'hang' | 'cut' }
  | { readonly kind: 'twice' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'run'; readonly run: () => unknown };

/** What happens to one call, however often that is carried out. */
type CallEffect = Exclude<FaultEffect, { readonly kind: 'twice' }>;

/** A fault planned for one call, or for several in a row. */
export interface Fault {
  /** The operation as the stand-in names it, or `*` for any. */
  readonly operation: string;
  /** `before`: the call has no effect. `after`: its effect is committed, its answer not yet sent. */
  readonly at: 'before' | 'after';
  readonly effect: FaultEffect;
  /** Which call of the operation, counted from 1 since the fault was planned. @default 1 */
  readonly nth?: number;
  /** For how many calls from there on. @default 1 */
  readonly times?: number;
}

/** The part of a stand-in through which faults are ordered. */
export interface Faults {
  /** @returns takes the fault back */
  add(fault: Fault): () => void;
  clear(): void;
}

/** Holds the planned faults of one stand-in and lets them strike. */
export class FaultPlan implements Faults {
  readonly #clock: LocalClock;
  #planned: { fault: Fault; seen: number }[] = [];

  constructor(clock = MACHINE_CLOCK) {
    this.#clock = clock;
  }

  add(fault: Fault): () => void {
    const planned = { fault, seen: 0 };
    this.#planned.push(planned);
    return () => {
      this.#planned = this.#planned.filter((other) => other !== planned);
    };
  }

  clear(): void {
    this.#planned = [];
  }

  /**
   * Answers one call, with whatever faults are due.
   *
   * @returns the status that was sent, or undefined when the caller got no whole answer
   */
  async strike(
    operation: string,
    response: ServerResponse,
    commit: () => Answer | Promise<Answer>,
  ): Promise<number | undefined> {
    const due = this.#due(operation);
    let carryOut = commit;
    for (const { effect } of due.filter(({ at }) => at === 'before')) {
      if (effect.kind === 'twice') {
        carryOut = async () => (await Promise.all([commit(), commit()]))[1];
        continue;
      }
      if (effect.kind === 'cut') {
        // Nothing was committed that could be sent in part.
        return end(response, { kind: 'reset' });
      }
      if (!(await this.#passes(effect))) {
        return end(response, effect);
      }
    }
    let answer = await carryOut();
    for (const { effect } of due.filter(({ at }) => at === 'after')) {
      if (effect.kind === 'twice') {
        answer = await commit();
        continue;
      }
      if (!(await this.#passes(effect))) {
        return end(response, effect, answer);
      }
    }
    return send(response, answer);
  }

  #due(operation: string): Fault[] {
    const due: Fault[] = [];
    for (const planned of this.#planned) {
      const { fault } = planned;
      if (fault.operation !== '*' && fault.operation !== operation) {
        continue;
      }
      planned.seen += 1;
      const first = fault.nth ?? 1;
      if (planned.seen >= first && planned.seen < first + (fault.times ?? 1)) {
        due.push(fault);
      }
    }
    return due;
  }

  /** Carries out an effect that lets the call go on; false for one that ends it. */
  async #passes(effect: CallEffect): Promise<boolean> {
    switch (effect.kind) {
      case 'delay':
        await this.#clock.sleep(effect.ms);
        return true;
      case 'run':
        await effect.run();
        return true;
      case 'reset':
      case 'hang':
      case 'cut':
      case 'answer':
        return false;
    }
  }
}

function end(response: ServerResponse, effect: CallEffect, answer?: Answer): number | undefined {
  switch (effect.kind) {
    case 'answer':
      return send(response, effect.answer);
    case 'cut':
      sendHalf(response, answer);
      return undefined;
    case 'hang':
      return undefined;
    case 'reset':
    case 'delay':
    case 'run':
      response.socket?.resetAndDestroy();
      return undefined;
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer): number {
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
  return status;
}

/** Announces the whole body, sends half of it, and hangs up. */
function sendHalf(response: ServerResponse, answer: Answer | undefined): void {
  const bytes = Buffer.from(answer?.body ?? '');
  response.writeHead(answer?.status ?? 200, {
    ...answer?.headers,
    'content-length': bytes.length,
  });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
}

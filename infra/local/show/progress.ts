import { outputWidth, paragraph } from '../../terminal/layout.ts';
import { faint } from '../../terminal/paint.ts';
import type { Watcher } from '../demo/rotation.ts';
import type { LogLine } from '../lambda/log.ts';
import type { RotationProgress } from '../secrets-manager/rotation/run.ts';
import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import { presentProgress } from './present.ts';

/** How long a step may be silent before a line explains it; most steps are faster. */
const PATIENCE_MS = 5000;
/** The function's time-out, within which it asks again. */
const TIMEOUT_MS = 60_000;

/**
 * Shows a rotation as it runs: each step when it ends, GitLab's first failure to
 * answer in a step when it happens, and otherwise a step that takes long.
 */
export class ProgressPrinter implements Watcher {
  readonly #show: (text: string) => void;
  readonly #clock: LocalClock;
  #patience = new AbortController();
  /** Of the step that is under way, at the latest. */
  #endsAt = new Date(0);
  #isFailureShown = false;

  constructor(show: (text: string) => void, clock: LocalClock = MACHINE_CLOCK) {
    this.#show = show;
    this.#clock = clock;
  }

  onProgress(progress: RotationProgress): void {
    this.#patience.abort();
    if (progress.what === 'step-started') {
      const { step, at } = progress;
      this.#endsAt = new Date(at.getTime() + TIMEOUT_MS);
      this.#isFailureShown = false;
      void this.#printIfSilent(`${step} is still at work: it waits for an answer, or asks again`);
    }
    const text = presentProgress(progress);
    if (text !== undefined) {
      this.#show(text);
    }
  }

  onLog({ entry }: LogLine): void {
    const failure = failureIn(entry?.['message']);
    // Once per step: what follows is more of the same.
    if (failure !== undefined && !this.#isFailureShown) {
      this.#isFailureShown = true;
      this.#patience.abort();
      this.#print(failure);
    }
  }

  /** Prints it where nothing else happens for a while. */
  async #printIfSilent(what: string): Promise<void> {
    this.#patience = new AbortController();
    const { signal } = this.#patience;
    await this.#clock.sleep(PATIENCE_MS, signal);
    if (!signal.aborted) {
      this.#print(what);
    }
  }

  #print(what: string): void {
    const until = this.#endsAt.toTimeString().slice(0, 8);
    const text = `    ${what}, until ${until} at the latest`;
    this.#show(paragraph(text, outputWidth()).map(faint).join('\n'));
  }
}

/** What a line of the function's log says of a GitLab that gave no usable answer, and what follows. */
function failureIn(message: unknown): string | undefined {
  const { message: text, call, status, reason } = Object(message) as Record<string, unknown>;
  if (text === UNKNOWN_OUTCOME) {
    return `GitLab gave no usable answer to the rotate request (status ${status}); ${FINDS_OUT}`;
  }
  if (call !== 'probe' && call !== 'rotate') {
    return undefined;
  }
  if (status === 429) {
    return `GitLab answered the ${call} request with status 429; the function waits, and asks again`;
  }
  const next = call === 'rotate' ? FINDS_OUT : 'the function keeps asking';
  if (text === 'GitLab did not answer') {
    return `GitLab did not answer the ${call} request (${reason}); ${next}`;
  }
  // Of a probe the function says itself what it cannot use: a login page may have any status.
  const fault = reason === undefined ? '' : ` (${reason})`;
  const isFailure = fault !== '' || Number(status) >= 500;
  return isFailure
    ? `GitLab answered the ${call} request with status ${status}${fault}; ${next}`
    : undefined;
}

const UNKNOWN_OUTCOME = 'the outcome of the rotate request is unknown: probing the token';
/** A rotate request is not sent again before a probe has shown that nothing happened. */
const FINDS_OUT = 'the function finds out what became of it';

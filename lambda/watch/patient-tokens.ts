import type { MembershipsAnswer, Probe, TokenReader } from '../ports/access-tokens.ts';
import type { RunTime } from '../ports/step.ts';
import { timeoutMs } from '../time/time-left.ts';
import { WATCH_LONGEST_PAUSE_MS, WATCH_PAUSE_MS, WATCH_RESERVE_MS } from '../time/timing.ts';

/** A request that gets no usable answer is sent so often. */
const MOST_TRIES = 3;
/** So many are given up in a row: then GitLab is down, and is not asked any more. */
const DOWN_AFTER = 3;

type Answer = Probe | MembershipsAnswer;

/**
 * GitLab's tokens for many who ask at the same time. When GitLab says that it is asked too often,
 * all wait as long as it says. When it is down, nobody waits for it for long.
 */
export class PatientTokens implements TokenReader {
  readonly #tokens: TokenReader;
  readonly #time: RunTime;
  #pausedUntil = 0;
  #givenUp = 0;

  constructor(tokens: TokenReader, time: RunTime) {
    this.#tokens = tokens;
    this.#time = time;
  }

  async probe(token: string, longestMs: number): Promise<Probe> {
    return await this.#ask<Probe>(
      (limitMs) => this.#tokens.probe(token, limitMs),
      longestMs,
      (reason) => ({ kind: 'unreachable', reason }),
    );
  }

  async memberships(token: string, longestMs: number): Promise<MembershipsAnswer> {
    return await this.#ask<MembershipsAnswer>(
      (limitMs) => this.#tokens.memberships(token, limitMs),
      longestMs,
      () => ({ kind: 'unreachable' }),
    );
  }

  async #ask<T extends Answer>(
    send: (limitMs: number) => Promise<T>,
    longestMs: number,
    notAsked: (reason: string) => T,
  ): Promise<T> {
    let last: T | undefined;
    let pauseMs = WATCH_PAUSE_MS;
    let unanswered = 0;
    for (;;) {
      if (this.#givenUp >= DOWN_AFTER) {
        return last ?? notAsked('GITLAB_DOWN');
      }
      if (!(await this.#waitForTurn())) {
        return last ?? notAsked('NO_TIME_LEFT');
      }
      last = await send(timeoutMs(this.#time, longestMs, WATCH_RESERVE_MS));
      if (last.kind !== 'rate-limited' && last.kind !== 'unreachable') {
        this.#givenUp = 0;
        return last;
      }
      unanswered += last.kind === 'unreachable' ? 1 : 0;
      if (unanswered === MOST_TRIES) {
        this.#givenUp += 1;
        return last;
      }
      this.#pause(last, pauseMs);
      pauseMs = Math.min(2 * pauseMs, WATCH_LONGEST_PAUSE_MS);
    }
  }

  #pause(answer: Answer, ownMs: number): void {
    const ms = ('retryAfterMs' in answer ? answer.retryAfterMs : undefined) ?? ownMs;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#time.now().getTime() + ms);
  }

  /** Waits while all pause. @returns false where the pause, or the run, ends too late to ask again */
  async #waitForTurn(): Promise<boolean> {
    const { now, remainingMs, sleep } = this.#time;
    for (;;) {
      const waitMs = this.#pausedUntil - now().getTime();
      if (Math.max(0, waitMs) >= remainingMs() - WATCH_RESERVE_MS) {
        return false;
      }
      if (waitMs <= 0) {
        return true;
      }
      await sleep(waitMs);
    }
  }
}

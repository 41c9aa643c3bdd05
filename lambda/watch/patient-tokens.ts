import type { MembershipsAnswer, Probe, TokenReader } from '../ports/access-tokens.ts';
import type { RunTime } from '../ports/step.ts';
import { timeoutMs } from '../time/time-left.ts';
import {
  WATCH_DOWN_AFTER_MS,
  WATCH_LONGEST_PAUSE_MS,
  WATCH_PAUSE_MS,
  WATCH_RESERVE_MS,
} from '../time/timing.ts';

/**
 * A probe without an answer is sent so often while others get answers; a question for memberships
 * that GitLab refuses, while it answers none.
 */
const MOST_TRIES = 3;

type RateLimited = Extract<Probe | MembershipsAnswer, { readonly kind: 'rate-limited' }>;

/** How long one question waits for its answer. */
interface Patience {
  /** So much longer than the others it waits for its turn. @default 0 */
  readonly behindMs?: number;
  /** Whether it is not asked again, and nobody waits for it. @default - it always is */
  readonly isTooMuch?: (refused: RateLimited) => boolean;
}

/** Why GitLab is not asked. */
type Obstacle = 'GITLAB_DOWN' | 'NO_TIME_LEFT';

/**
 * GitLab's tokens for many who ask at the same time. When GitLab says that it is asked too often,
 * all wait as long as it says. When it does not answer, one probe at a time finds out whether it is
 * back, and the others wait for that; after minutes of silence it is not asked any more.
 */
export class PatientTokens implements TokenReader {
  readonly #tokens: TokenReader;
  readonly #time: RunTime;
  #pausedUntil = 0;
  /** How many probes were. */
  #answered = 0;
  /** When the first probe had no answer after the last that had one. Undefined while GitLab answers. */
  #silentSince: number | undefined;
  /** Whether a probe is under way that was sent into the silence. */
  #isTrying = false;
  #isDown = false;
  /** How many questions for memberships were answered. */
  #told = 0;
  /** Whether GitLab limits the rate of these questions so far that they are not worth waiting for. */
  #isTooMuch = false;

  constructor(tokens: TokenReader, time: RunTime) {
    this.#tokens = tokens;
    this.#time = time;
  }

  async probe(token: string, longestMs: number): Promise<Probe> {
    let last: Probe | undefined;
    let answeredBefore: number | undefined;
    for (let tries = 1; ; tries += 1) {
      // Who has tried less often goes first. Else one token, whose probe alone fails, could be the
      // only one that is tried, and GitLab would seem to be down.
      const behindMs = (tries - 1) * WATCH_PAUSE_MS;
      const answer = await this.#ask((limitMs) => this.#tryProbe(token, limitMs), longestMs, {
        behindMs,
      });
      if (typeof answer === 'string') {
        return last ?? { kind: 'unreachable', reason: answer };
      }
      answeredBefore ??= this.#answered;
      const othersGotAnswers = this.#answered > answeredBefore;
      if (answer.kind !== 'unreachable' || (tries >= MOST_TRIES && othersGotAnswers)) {
        return answer;
      }
      last = answer;
    }
  }

  /**
   * Asks once: GitLab may fail to answer this, and answer every probe. So it tells nothing of GitLab.
   *
   * GitLab may also limit the rate of these questions alone. They must not take the time that the
   * probes need, so after some refusals in a row, or one for long, the run asks them no more.
   */
  async memberships(token: string, longestMs: number): Promise<MembershipsAnswer> {
    let [tries, told] = [0, this.#told];
    const isTooMuch = ({ retryAfterMs = 0 }: RateLimited) => {
      tries = this.#told === told ? tries + 1 : 1;
      told = this.#told;
      this.#isTooMuch ||= tries >= MOST_TRIES || retryAfterMs > WATCH_LONGEST_PAUSE_MS;
      return this.#isTooMuch;
    };
    if (this.#isTooMuch) {
      return { kind: 'rate-limited' };
    }
    const answer = await this.#ask(
      (limitMs) => this.#tokens.memberships(token, limitMs),
      longestMs,
      { isTooMuch },
    );
    if (typeof answer === 'string') {
      return { kind: 'unreachable' };
    }
    this.#told += answer.kind === 'rate-limited' ? 0 : 1;
    return answer;
  }

  /** Asks when it is time for that, and again where GitLab says only that it is asked too often. */
  async #ask<T extends Probe | MembershipsAnswer>(
    send: (limitMs: number) => Promise<T>,
    longestMs: number,
    { behindMs = 0, isTooMuch = () => false }: Patience,
  ): Promise<T | Obstacle> {
    let last: T | undefined;
    let pauseMs = WATCH_PAUSE_MS;
    for (;;) {
      const obstacle = await this.#waitForTurn(behindMs);
      if (obstacle !== undefined) {
        return last ?? obstacle;
      }
      last = await send(timeoutMs(this.#time, longestMs, WATCH_RESERVE_MS));
      if (last.kind !== 'rate-limited' || isTooMuch(last)) {
        return last;
      }
      // GitLab may ask for no pause at all.
      this.#pause(Math.max(pauseMs, last.retryAfterMs ?? 0));
      pauseMs = Math.min(2 * pauseMs, WATCH_LONGEST_PAUSE_MS);
    }
  }

  async #tryProbe(token: string, limitMs: number): Promise<Probe> {
    const isIntoSilence = this.#silentSince !== undefined;
    this.#isTrying ||= isIntoSilence;
    try {
      const probe = await this.#tokens.probe(token, limitMs);
      if (probe.kind === 'unreachable') {
        this.#noteSilence(probe.retryAfterMs);
      } else {
        this.#answered += 1;
        this.#silentSince = undefined;
      }
      return probe;
    } finally {
      this.#isTrying &&= !isIntoSilence;
    }
  }

  /** Pauses as long as the silence has lasted, so that the pauses grow. */
  #noteSilence(askedForMs = 0): void {
    const now = this.#time.now().getTime();
    this.#silentSince ??= now;
    const silentMs = now - this.#silentSince;
    this.#isDown = silentMs >= WATCH_DOWN_AFTER_MS;
    const ownMs = Math.min(Math.max(silentMs, WATCH_PAUSE_MS), WATCH_LONGEST_PAUSE_MS);
    this.#pause(Math.max(askedForMs, ownMs));
  }

  #pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#time.now().getTime() + ms);
  }

  /**
   * Waits while all pause, or one tries whether GitLab is back.
   *
   * @returns what keeps it from asking at all
   */
  async #waitForTurn(behindMs: number): Promise<Obstacle | undefined> {
    const { now, remainingMs, sleep } = this.#time;
    while (!this.#isDown) {
      const pauseMs = Math.max(0, this.#pausedUntil + behindMs - now().getTime());
      const waitMs = this.#isTrying ? Math.max(pauseMs, WATCH_PAUSE_MS) : pauseMs;
      if (waitMs >= remainingMs() - WATCH_RESERVE_MS) {
        return 'NO_TIME_LEFT';
      }
      if (waitMs === 0) {
        return undefined;
      }
      await sleep(waitMs);
    }
    return 'GITLAB_DOWN';
  }
}

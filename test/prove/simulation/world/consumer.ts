import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type ConsumerRecord, DAY_MS, MINUTE_MS, type Outage } from '../timeline/timeline.ts';
import { callGitLab } from './calls.ts';
import { type Held, heldUnder, type World } from './world.ts';

type Label = 'AWSCURRENT' | 'AWSPENDING';

/** How a program uses the token. */
export interface Habits {
  readonly name: string;
  /** How long it keeps the secret before it reads it again. */
  readonly cacheMs: number;
  /** After a 401 it reads these labels one after the other, past the cache, and tries again. */
  readonly afterUnauthorized: readonly Label[];
  /** When in the minute it calls GitLab. */
  readonly phaseMs: number;
}

/** Each calls GitLab so often, day and night. */
const CALL_EVERY_MS = MINUTE_MS;

/**
 * The consumers of a simulation. Five minutes is what the AWS Workload Credentials Provider keeps a
 * secret for by default.
 */
export const CONSUMERS: readonly Habits[] = [
  { name: 'cache of 5 min', cacheMs: 5 * MINUTE_MS, afterUnauthorized: [], phaseMs: 3_000 },
  { name: 'cache of 15 min', cacheMs: 15 * MINUTE_MS, afterUnauthorized: [], phaseMs: 24_000 },
  {
    name: 'reads again after 401',
    cacheMs: 5 * MINUTE_MS,
    afterUnauthorized: ['AWSCURRENT'],
    phaseMs: 45_000,
  },
  // As README advises, and at the same moments as the one before.
  {
    name: 'tries AWSPENDING too',
    cacheMs: 5 * MINUTE_MS,
    afterUnauthorized: ['AWSPENDING', 'AWSCURRENT'],
    phaseMs: 45_000,
  },
];

type Answer = 'accepted' | Outage['kind'];

/** Calls that fail, as long as they do. */
interface Failing extends Pick<Outage, 'kind' | 'from'> {
  calls: number;
  avoidable: number;
}

/** Even when all is calm a call is made so often, to see that nothing has changed unseen. */
const PROOF_EVERY_MS = { accepted: DAY_MS, unauthorized: 15 * MINUTE_MS } as const;

/**
 * A program that reads the secret, keeps it for some minutes, and calls GitLab every minute.
 *
 * While anything is under way that can change an answer, and after it until the program has the
 * current token and GitLab has answered, every call is made. In the calm between, a call is counted
 * with the answer of the one before without being made: all but one a day where GitLab accepts the
 * token, and all but four an hour where it does not.
 */
export class Consumer {
  readonly #habits: Habits;
  readonly #world: World;
  readonly #store: SecretsManagerClient;
  readonly #outages: Outage[] = [];
  readonly #counts = { calls: 0, made: 0, unauthorized: 0, avoidable: 0, unanswered: 0 };
  #kept: { readonly token: string; readonly readAt: number } | undefined;
  #last: Answer | undefined;
  #lastAt = 0;
  /** Whether the last call was answered with 401 though the secret had an active token. */
  #wasAvoidable = false;
  #outage: Failing | undefined;

  constructor(habits: Habits, world: World) {
    this.#habits = habits;
    this.#world = world;
    this.#store = new SecretsManagerClient({
      region: 'eu-central-1',
      endpoint: world.cloud.secretsManager.url,
      credentials: { accessKeyId: 'AKIDCONSUMER', secretAccessKey: 'unused' },
      maxAttempts: 1,
      // Days of the simulated clock are a moment of the machine's, by which idle connections end.
      requestHandler: { httpAgent: { keepAlive: false } },
    });
  }

  /** Calls until the time is up. @param end milliseconds since the beginning */
  async run(end: number): Promise<ConsumerRecord> {
    using _store = { [Symbol.dispose]: () => this.#store.destroy() };
    let next = this.#habits.phaseMs;
    while (next < end) {
      const { calm } = this.#world.unrest;
      const settled = calm && this.#settledAnswer();
      const proofAt = settled ? next - CALL_EVERY_MS + PROOF_EVERY_MS[settled] : next;
      const wakeAt = Math.min(proofAt, end);
      await this.#sleepUntil(wakeAt, settled && calm);
      const passed = Math.max(0, Math.ceil((this.#world.elapsed() - next) / CALL_EVERY_MS));
      this.#skip(passed);
      next += passed * CALL_EVERY_MS;
      if (next === this.#world.elapsed() && next < end) {
        const wasAvoidable = this.#wasAvoidable;
        await this.#world.clock.still(this.#call());
        if (settled && calm?.aborted === false) {
          this.#requireSame(settled, wasAvoidable);
        }
        next += CALL_EVERY_MS;
      }
    }
    this.#endOutage(end);
    return { name: this.#habits.name, ...this.#counts, outages: this.#outages };
  }

  /**
   * Counts calls that were not made, with the answer of the last one. Among them it would have read
   * the secret whenever what it kept was too old, and would have read the same again.
   */
  #skip(calls: number): void {
    this.#counts.calls += calls;
    this.#countFailed(calls);
    if (calls > 0 && this.#kept) {
      const { token, readAt } = this.#kept;
      const readEveryMs = Math.ceil(this.#habits.cacheMs / CALL_EVERY_MS) * CALL_EVERY_MS;
      const since = this.#lastAt + calls * CALL_EVERY_MS - readAt;
      this.#kept = { token, readAt: readAt + Math.floor(since / readEveryMs) * readEveryMs };
      this.#lastAt += calls * CALL_EVERY_MS;
    }
  }

  /** What GitLab says of the current token, once it has that. */
  #settledAnswer(): keyof typeof PROOF_EVERY_MS | undefined {
    const current = heldUnder(this.#world, 'AWSCURRENT');
    const isCurrent = this.#kept?.token === current?.token;
    return isCurrent && this.#last !== 'unanswered' ? this.#last : undefined;
  }

  #requireSame(answer: Answer, wasAvoidable: boolean): void {
    if (this.#last !== answer || this.#wasAvoidable !== wasAvoidable) {
      throw new Error(`${this.#habits.name}: an answer changed while nothing was under way`);
    }
  }

  async #call(): Promise<void> {
    const at = this.#world.elapsed();
    this.#lastAt = at;
    this.#counts.calls += 1;
    this.#counts.made += 1;
    if (this.#kept === undefined || at - this.#kept.readAt >= this.#habits.cacheMs) {
      await this.#read('AWSCURRENT');
    }
    let answer = await this.#ask();
    for (const label of this.#habits.afterUnauthorized) {
      if (answer === 'unauthorized') {
        await this.#read(label);
        answer = await this.#ask();
      }
    }
    this.#last = answer;
    this.#wasAvoidable = answer === 'unauthorized' && this.#isActiveHeld();
    if (this.#outage?.kind !== answer) {
      this.#endOutage(at);
    }
    if (answer !== 'accepted') {
      this.#outage ??= { kind: answer, from: at, calls: 0, avoidable: 0 };
    }
    this.#countFailed(1);
  }

  /** So many calls with the answer of the last one. */
  #countFailed(calls: number): void {
    if (this.#outage) {
      const avoidable = this.#wasAvoidable ? calls : 0;
      this.#counts[this.#outage.kind] += calls;
      this.#counts.avoidable += avoidable;
      this.#outage.calls += calls;
      this.#outage.avoidable += avoidable;
    }
  }

  #isActiveHeld(): boolean {
    const held = (['AWSCURRENT', 'AWSPENDING'] as const).map((label) =>
      heldUnder(this.#world, label),
    );
    return held.some((value) => value !== undefined && this.#world.gitlab.isActive(value.token));
  }

  #endOutage(to: number): void {
    if (this.#outage) {
      this.#outages.push({ ...this.#outage, to });
      this.#outage = undefined;
    }
  }

  /** Where the store does not answer, or no version has the label, what was kept must do. */
  async #read(VersionStage: Label): Promise<void> {
    const command = new GetSecretValueCommand({ SecretId: this.#world.secretId, VersionStage });
    const readAt = this.#world.elapsed();
    try {
      const { SecretString = '{}' } = await this.#store.send(command);
      const { token }: Held = JSON.parse(SecretString);
      this.#kept = { token, readAt };
    } catch (error) {
      if (!isRefused(error) && !(error instanceof ResourceNotFoundException)) {
        throw error;
      }
    }
  }

  async #ask(): Promise<Answer> {
    const reply = await callGitLab({
      gitlabUrl: this.#world.gitlab.url,
      path: '/personal_access_tokens/self',
      token: this.#kept?.token ?? '',
    });
    if (reply === undefined) {
      return 'unanswered';
    }
    const { status } = reply;
    if (status !== 200 && status !== 401) {
      throw new Error(`GitLab answered a consumer with ${status}`);
    }
    return status === 200 ? 'accepted' : 'unauthorized';
  }

  #sleepUntil(moment: number, signal: AbortSignal | undefined): Promise<void> {
    return this.#world.clock.sleep(moment - this.#world.elapsed(), signal);
  }
}

/** What a server that is down does to a connection. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

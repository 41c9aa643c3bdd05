import { randomUUID } from 'node:crypto';
import type { LocalClock } from '../../server/clock.ts';
import { replanned } from '../state/schedule.ts';
import { PLACE, type Secret } from '../state/secret.ts';
import type { SecretsState } from '../state/state.ts';
import {
  AWSCURRENT,
  AWSPENDING,
  addVersion,
  holderOf,
  moveLabel,
  type Origin,
  unfinishedVersion,
  versionOf,
  withLabel,
  withoutVersion,
} from '../state/versions.ts';
import { driveRun, type RotationSettings } from './attempts.ts';
import { type ServiceEvent, type ServiceEventName, serviceEvent } from './events.ts';
import type { RotationFunctions } from './function.ts';
import type {
  AttemptEnd,
  RotationOutcome,
  RotationProgress,
  RotationRun,
  RunEvent,
} from './run.ts';

/** Who put a value, as far as the request shows. */
export interface PutBy {
  readonly arn: string;
  readonly versionId: string;
  /** Sensitive. */
  readonly rotationToken: string | undefined;
  readonly accessKeyId: string;
}

/** What the orchestrator needs. */
export interface RotationDeps {
  readonly state: SecretsState;
  readonly functions: RotationFunctions;
  readonly settings: RotationSettings;
  readonly now: () => Date;
  readonly clock: LocalClock;
  /** Aborted when the server shuts down. */
  readonly signal: AbortSignal;
}

/** Identifies the function's puts where events hold no RotationToken. */
const FUNCTION_ACCESS_KEY_ID = 'AKIDFUNCTION';

/** The last run of a secret; its outcome once it has one. */
interface LastRun {
  readonly run: RotationRun;
  readonly ended: Promise<RotationOutcome>;
  outcome?: RotationOutcome;
}

/**
 * Rotates secrets as Secrets Manager does: four steps, each a synchronous invocation with a
 * RotationToken of its own; after a failure all four again with the same ClientRequestToken.
 */
export class RotationOrchestrator {
  readonly events: ServiceEvent[] = [];
  readonly #deps: RotationDeps;
  /** The last run of each secret, by ARN. */
  readonly #last = new Map<string, LastRun>();
  readonly #open = new Set<RotationRun>();
  readonly #driving = new Set<Promise<RotationOutcome>>();
  readonly #listeners = new Set<(progress: RotationProgress) => void>();

  constructor(deps: RotationDeps) {
    this.#deps = deps;
  }

  onProgress(listener: (progress: RotationProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether this is the call that began the last run, come again because its answer was lost. */
  isRepeated(arn: string, versionId: string): boolean {
    const last = this.#last.get(arn);
    return last?.run.versionId === versionId && (last.outcome?.kind ?? 'succeeded') === 'succeeded';
  }

  /**
   * Stages the version and begins in the background.
   *
   * @param secret configured, perhaps only just now and not yet saved
   */
  start(secret: Secret, kind: RotationRun['kind'], versionId: string): void {
    const now = this.#deps.now().getTime();
    const value = kind === 'test' ? holderOf(secret, AWSCURRENT)?.value : undefined;
    const origin: Origin = kind === 'test' ? 'test-copy' : 'rotation';
    const version = { versionId, origin, labels: [], createdAt: now, ...(value && { value }) };
    const staged = moveLabel(addVersion(secret, version), AWSPENDING, versionId);
    // Two writes: a read that is behind may see the configuration without the version.
    this.#deps.state.save(secret);
    this.#deps.state.save(staged);
    this.#launch(staged, kind, versionId);
  }

  /**
   * Takes up the rotation that was left unfinished, with its own ClientRequestToken.
   *
   * @returns false where there is none, or where it is under way
   */
  reattempt(secret: Secret): boolean {
    const unfinished = unfinishedVersion(secret);
    if (!unfinished || !secret.rotation?.enabled || this.isOpen(secret.arn)) {
      return false;
    }
    this.#launch(secret, 'rotation', unfinished.versionId);
    return true;
  }

  /** Begins what the schedule asks for by now. @returns the ARNs */
  runDue(): readonly string[] {
    const now = this.#deps.now().getTime();
    const due = this.#deps.state.all.filter(
      ({ arn, deletedAt, nextRotationAt: next = Number.POSITIVE_INFINITY }) =>
        next <= now && deletedAt === undefined && !this.isOpen(arn),
    );
    for (const secret of due) {
      if (!this.reattempt(secret)) {
        this.start(secret, 'rotation', randomUUID());
      }
    }
    return due.map(({ arn }) => arn);
  }

  isOpen(arn: string): boolean {
    return [...this.#open].some((run) => run.arn === arn);
  }

  /** Ends the run after the step that is running; the labels stay. */
  cancel(arn: string): void {
    for (const run of this.#open) {
      run.cancelled ||= run.arn === arn;
    }
  }

  /** Whether a put fills the version of a rotation on the rotation's own behalf. */
  originOf({ arn, versionId, rotationToken, accessKeyId }: PutBy): Origin {
    const run = this.#last.get(arn)?.run;
    if (run?.versionId !== versionId) {
      return 'other';
    }
    const isTraced =
      rotationToken === undefined
        ? accessKeyId === FUNCTION_ACCESS_KEY_ID
        : run.issued.has(rotationToken);
    return isTraced ? 'rotation' : 'other';
  }

  /** Waits until no run is open; undefined where there never was one. */
  async ended(arn: string): Promise<RotationOutcome | undefined> {
    const last = this.#last.get(arn);
    const outcome = await last?.ended;
    return this.#last.get(arn) === last ? outcome : this.ended(arn);
  }

  /** Waits for every run, once the signal has stopped them. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#driving);
  }

  #launch(secret: Secret, kind: RotationRun['kind'], versionId: string): void {
    const { arn, rotation, versions } = secret;
    const before = this.#last.get(arn)?.run;
    const run: RotationRun = {
      arn,
      versionId,
      kind,
      lambdaArn: rotation?.lambdaArn ?? rotation?.external?.roleArn ?? '',
      external: rotation?.external,
      issued: new Set(before?.versionId === versionId ? before.issued : []),
      knownVersions: new Set(versions.map((version) => version.versionId)),
      currentVersion: holderOf(secret, AWSCURRENT)?.versionId,
      cancelled: false,
    };
    this.#open.add(run);
    this.#record(run, kind === 'test' ? 'TestRotationStarted' : 'RotationStarted');
    const ended = this.#drive(run).finally(() => this.#driving.delete(ended));
    this.#driving.add(ended);
    const last: LastRun = { run, ended };
    this.#last.set(arn, last);
    // Reported to those who wait for the end.
    const note = (outcome: RotationOutcome) => {
      last.outcome = outcome;
    };
    ended.then(note, () => undefined);
  }

  async #drive(run: RotationRun): Promise<RotationOutcome> {
    const { attempts, end } = await driveRun(run, {
      ...this.#deps,
      tell: (attempt, event) => this.#tell(run, attempt, event),
    }).finally(() => this.#open.delete(run));
    return this.#end(run, attempts, end);
  }

  #end(run: RotationRun, attempts: number, end: AttemptEnd): RotationOutcome {
    const { kind, errorMessage } = end;
    const secret = this.#deps.state.get(run.arn);
    // A shutdown leaves what a crash would leave.
    if (secret && kind !== 'stopped') {
      this.#deps.state.save(this.#settle(run, kind, secret));
    }
    const eventName = ENDED[run.kind][kind];
    if (eventName) {
      this.#record(run, eventName, errorMessage);
    }
    const { versionId } = run;
    const message = errorMessage !== undefined && { errorMessage };
    const outcome = { kind, run: run.kind, versionId, attempts, ...message };
    this.#tell(run, attempts, { what: 'ended', outcome });
    return outcome;
  }

  /** What the end of a run changes in the secret. */
  #settle(run: RotationRun, kind: RotationOutcome['kind'], secret: Secret): Secret {
    const version = versionOf(secret, run.versionId);
    if (run.kind === 'test') {
      // Gone, unless somebody gave it a meaning of its own.
      const isOurs = version?.labels.every((label) => label === AWSPENDING);
      return isOurs ? withoutVersion(secret, run.versionId) : secret;
    }
    const hasPending = version?.labels.includes(AWSPENDING) === true;
    const isRemoved =
      kind === 'abandoned' || (kind === 'succeeded' && !this.#deps.settings.pendingLabelLingers);
    const settled = hasPending && isRemoved ? withLabel(secret, AWSPENDING) : secret;
    if (kind !== 'succeeded') {
      return settled;
    }
    const now = this.#deps.now().getTime();
    return { ...settled, lastRotatedAt: now, ...replanned(secret.rotation, now) };
  }

  #record(run: RotationRun, eventName: ServiceEventName, errorMessage?: string): void {
    const { arn: secretArn, versionId } = run;
    const message = errorMessage !== undefined && { errorMessage };
    const at = this.#deps.now();
    this.events.push(serviceEvent({ ...PLACE, eventName, secretArn, versionId, at, ...message }));
  }

  #tell(run: RotationRun, attempt: number, event: RunEvent): void {
    const { arn: secretArn, versionId, kind } = run;
    const progress = { secretArn, versionId, run: kind, attempt, at: this.#deps.now(), ...event };
    for (const listener of this.#listeners) {
      listener(progress);
    }
  }
}

/** For these ends CloudTrail has an event; a run that was cancelled or stopped leaves none. */
const ENDED: Readonly<
  Record<RotationRun['kind'], Partial<Record<RotationOutcome['kind'], ServiceEventName>>>
> = {
  rotation: {
    succeeded: 'RotationSucceeded',
    failed: 'RotationFailed',
    abandoned: 'RotationAbandoned',
  },
  test: { succeeded: 'TestRotationSucceeded', failed: 'TestRotationFailed' },
};

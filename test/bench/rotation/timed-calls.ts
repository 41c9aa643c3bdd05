import type { GitLab } from '../../../infra/local/gitlab/gitlab.ts';
import type { Step } from '../../../infra/local/secrets-manager/rotation/run.ts';
import type { SecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import type { LocalClock } from '../../../infra/local/server/clock.ts';
import { readHeld } from '../../rig/stage/held.ts';

export type Service = 'GitLab' | 'Secrets Manager';

/** How long each service takes for an answer, its work included, in milliseconds. */
export type Latencies = Readonly<Record<Service, number>>;

/** One call of a rotation, from its arrival at the service to its answer. Milliseconds of the clock. */
export interface TimedCall {
  readonly step: Step;
  readonly service: Service;
  readonly operation: string;
  readonly begin: number;
  readonly end: number;
}

/** A time in which the token in `AWSCURRENT` was revoked: from GitLab's commit to the move of the label. */
export interface DeadWindow {
  readonly begin: number;
  readonly end: number;
}

export interface Recorded {
  readonly calls: readonly TimedCall[];
  /** Absent where the token was active all the time. */
  readonly deadWindow?: DeadWindow;
}

/** Where the calls of a rotation arrive. */
export interface Servers {
  readonly gitlab: GitLab;
  readonly secretsManager: SecretsManager;
  readonly clock: LocalClock;
}

/** Gives every call of both services a latency, and notes the calls of a rotation of this secret. */
export function recordCalls(servers: Servers, secretId: string, latencies: Latencies) {
  const { gitlab, secretsManager, clock } = servers;
  const calls: Noted[] = [];
  const now = () => clock.now().getTime();
  let step: Step | undefined;
  const window = new WindowOf(servers, secretId);
  const attach = (service: Service, server: GitLab | SecretsManager) => {
    const arrived: Noted[] = [];
    const begin = (operation: string) => {
      const call: Noted = { step, service, operation, begin: now(), end: Number.NaN };
      calls.push(call);
      arrived.push(call);
    };
    const wait = () => {
      const { begin: since = now() } = arrived.shift() ?? {};
      return clock.sleep(Math.max(0, since + latencies[service] - now()));
    };
    // All calls of a service take the same time: they end in the order in which they began.
    const end = () => {
      const open = calls.find((call) => call.service === service && Number.isNaN(call.end));
      Object.assign(open ?? {}, { end: now() });
    };
    const commit = () => window.look();
    return interpose(server, { begin, commit, ...(latencies[service] > 0 && { wait }), end });
  };
  const stops = [
    attach('GitLab', gitlab),
    attach('Secrets Manager', secretsManager),
    secretsManager.onRotation((progress) => {
      step = progress.what === 'step-started' ? progress.step : step;
    }),
  ];
  return {
    /** Takes the latencies back. */
    stop: (): Recorded => {
      for (const stop of stops.flat()) {
        stop();
      }
      return { calls: calls.filter(isOfStep), ...window.found() };
    },
  };
}

/** Looks after each call whether the token in `AWSCURRENT` is active. */
class WindowOf {
  readonly #servers: Servers;
  readonly #secretId: string;
  #begin: number | undefined;
  #end: number | undefined;

  constructor(servers: Servers, secretId: string) {
    this.#servers = servers;
    this.#secretId = secretId;
  }

  look(): void {
    const { gitlab, secretsManager, clock } = this.#servers;
    const now = clock.now().getTime();
    const { token = '' } = readHeld(secretsManager.valueOf(this.#secretId, 'AWSCURRENT'));
    if (!gitlab.isActive(token)) {
      this.#begin ??= now;
    } else if (this.#begin !== undefined) {
      this.#end ??= now;
    }
  }

  found(): Pick<Recorded, 'deadWindow'> {
    const [begin, end] = [this.#begin, this.#end];
    return begin === undefined || end === undefined ? {} : { deadWindow: { begin, end } };
  }
}

type Noted = Omit<TimedCall, 'step' | 'end'> & { readonly step: Step | undefined; end: number };

/** Not the call by which a person starts the rotation. */
function isOfStep(call: Noted): call is Noted & TimedCall {
  return call.step !== undefined;
}

/** What is done at each call. */
interface Interposed {
  readonly begin: (operation: string) => unknown;
  /** The call has had its effect. */
  readonly commit: () => unknown;
  /** @default - it answers at once */
  readonly wait?: () => unknown;
  readonly end: () => unknown;
}

/** @returns what takes it back */
function interpose(
  { faults, calls }: GitLab | SecretsManager,
  { begin, commit, wait, end }: Interposed,
): (() => void)[] {
  const always = { operation: '*', times: Number.POSITIVE_INFINITY } as const;
  // The stand-in has noted the call that is beginning as its last.
  const run = (what: () => unknown) => ({ kind: 'run', run: what }) as const;
  return [
    faults.add({
      ...always,
      at: 'before',
      effect: run(() => begin(calls.at(-1)?.operation ?? '')),
    }),
    faults.add({ ...always, at: 'after', effect: run(commit) }),
    ...(wait ? [faults.add({ ...always, at: 'after', effect: run(wait) })] : []),
    faults.add({ ...always, at: 'after', effect: run(end) }),
  ];
}

import { randomBytes, randomUUID } from 'node:crypto';
import { answerTo, type InvocationAnswer } from './answer.ts';
import type { FunctionLog, Status } from './log.ts';
import { type Ending, Sandbox, type SandboxSettings } from './sandbox.ts';

/** A function as it is deployed. */
export interface LocalFunctionSettings extends SandboxSettings {
  readonly functionName: string;
  readonly functionArn: string;
  /** For loading it, and then for each invocation. */
  readonly timeoutMs: number;
}

/** An invocation that has ended. Of its event only the step: the rest holds a RotationToken. */
export interface InvocationRecord {
  readonly requestId: string;
  /** The member `Step` of the event, where there is one. */
  readonly step?: string;
  readonly startedAt: Date;
  /** Without the time that loading the function took. */
  readonly durationMs: number;
  readonly outcome: Status;
  /** Whether the function had to be loaded first. */
  readonly coldStart: boolean;
}

/** One function and its sandboxes: as many as there are invocations at the same time. */
export class LocalFunction implements AsyncDisposable {
  readonly #settings: LocalFunctionSettings;
  readonly #log: FunctionLog;
  readonly #sandboxes = new Set<Sandbox>();
  readonly #idle = new Set<Sandbox>();
  readonly #records: InvocationRecord[] = [];
  #scalesOut = false;
  #disposed = false;

  constructor(settings: LocalFunctionSettings, log: FunctionLog) {
    this.#settings = settings;
    this.#log = log;
  }

  get records(): readonly InvocationRecord[] {
    return this.#records;
  }

  /** Waits for the end of the invocation. @param event JSON */
  async invoke(event: string): Promise<InvocationAnswer> {
    const requestId = randomUUID();
    const { timeoutMs } = this.#settings;
    const warm = this.#takeIdle();
    await warm?.thaw();
    const sandbox = warm ?? (await this.#startSandbox());
    const load = warm ? undefined : await timed(() => sandbox.initialize(timeoutMs));
    this.#log.platform('start', { requestId, version: '$LATEST' });
    const startedAt = this.#settings.clock.now();
    const { result: ending, durationMs } = await timed(
      async () => load?.result ?? (await this.#run(sandbox, requestId, event)),
    );
    const answer = answerTo(ending, requestId, timeoutMs);
    const { outcome } = answer;
    const step = stepOf(event);
    this.#records.push({
      requestId,
      ...(step !== undefined && { step }),
      startedAt,
      durationMs,
      outcome,
      coldStart: !warm,
    });
    await this.#putBack(sandbox, ending);
    this.#report(answer, durationMs, load?.durationMs);
    return answer;
  }

  /** Stops every sandbox that is at work, at once; where none is, the idle ones. */
  kill(): void {
    const busy = [...this.#sandboxes].filter((sandbox) => !this.#idle.has(sandbox));
    for (const sandbox of busy.length > 0 ? busy : this.#sandboxes) {
      sandbox.kill();
    }
  }

  /** Has the next invocation start a sandbox, as when all others are busy. */
  scaleOut(): void {
    this.#scalesOut = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.stop()));
  }

  /** The one that was busy last, so that one invocation after the other meets the same. */
  #takeIdle(): Sandbox | undefined {
    if (this.#scalesOut) {
      this.#scalesOut = false;
      return undefined;
    }
    for (const sandbox of [...this.#idle].toReversed()) {
      this.#idle.delete(sandbox);
      if (sandbox.isAlive) {
        return sandbox;
      }
      this.#sandboxes.delete(sandbox);
    }
    return undefined;
  }

  /** After a reply the sandbox is warm; anything else has stopped it, or must. */
  async #putBack(sandbox: Sandbox, { kind }: Ending): Promise<void> {
    if (kind === 'response' || kind === 'error') {
      sandbox.freeze();
      this.#idle.add(sandbox);
      return;
    }
    await sandbox.stop();
    this.#sandboxes.delete(sandbox);
  }

  async #startSandbox(): Promise<Sandbox> {
    const { functionName } = this.#settings;
    this.#log.platform('initStart', {
      initializationType: 'on-demand',
      phase: 'init',
      functionName,
      functionVersion: '$LATEST',
    });
    const sandbox = await Sandbox.start(this.#settings, (line) => this.#log.write(line));
    this.#sandboxes.add(sandbox);
    if (this.#disposed) {
      sandbox.kill();
    }
    return sandbox;
  }

  #run(sandbox: Sandbox, requestId: string, event: string): Promise<Ending> {
    const { functionArn, timeoutMs } = this.#settings;
    return sandbox.invoke({ requestId, event, functionArn, traceId: newTraceId() }, timeoutMs);
  }

  #report(answer: InvocationAnswer, durationMs: number, initDurationMs: number | undefined): void {
    const { requestId, outcome, errorType } = answer;
    this.#log.platform('report', {
      requestId,
      metrics: {
        durationMs,
        billedDurationMs: Math.ceil(durationMs + (initDurationMs ?? 0)),
        memorySizeMB: this.#settings.memoryMb,
        ...(initDurationMs !== undefined && { initDurationMs }),
      },
      status: outcome,
      ...(errorType !== undefined && { errorType }),
    });
  }
}

async function timed<T>(work: () => Promise<T>) {
  const startedAt = performance.now();
  const result = await work();
  return { result, durationMs: Number((performance.now() - startedAt).toFixed(3)) };
}

/** X-Ray's form (X-Ray Developer Guide, "Tracing header"); nothing is sampled here. */
function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  return `Root=1-${seconds}-${hex(12)};Parent=${hex(8)};Sampled=0`;
}

function stepOf(event: string): string | undefined {
  const parsed: unknown = JSON.parse(event);
  if (typeof parsed !== 'object' || parsed === null || !('Step' in parsed)) {
    return undefined;
  }
  return typeof parsed.Step === 'string' ? parsed.Step : undefined;
}

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type AdoptedProcess, type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import type { SandboxVariables } from './environment.ts';
import {
  type RuntimeApi,
  type RuntimeInvocation,
  type RuntimeReply,
  startRuntimeApi,
} from './runtime-api.ts';

const RUNTIME = join(import.meta.dirname, 'runtime.ts');
/** What one process has compiled, no other compiles again: the runtime itself, too. */
const COMPILE_CACHE = join(tmpdir(), 'gitlab-token-rotation-compile-cache');

/** What a sandbox runs. */
export interface SandboxSettings {
  /** Path of the bundle. */
  readonly bundle: string;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: LocalClock;
}

/** How an invocation ended: what the runtime replied, or what stopped the sandbox. */
export type Ending =
  | RuntimeReply
  | { readonly kind: 'timeout' }
  /** `reason` as Lambda words it, such as `exited with error: exit status 1`. */
  | { readonly kind: 'exit'; readonly reason: string };

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** One process that runs the function: warm once it has loaded it, one invocation at a time. */
export class Sandbox {
  /** Ends when the process is gone and all that it wrote has been read. */
  readonly exited: Promise<Ending>;
  readonly #api: RuntimeApi;
  readonly #child: Child;
  readonly #clock: LocalClock;
  readonly #adopted: AdoptedProcess | undefined;

  private constructor(
    api: RuntimeApi,
    child: Child,
    clock: LocalClock,
    onLine: (line: string) => void,
  ) {
    this.#api = api;
    this.#child = child;
    this.#clock = clock;
    this.#adopted = clock.processes?.adopt(child);
    for (const output of [child.stdout, child.stderr]) {
      readLines(output, onLine);
    }
    // A write to a process that is gone: its exit is reported instead.
    child.stdin.on('error', () => undefined);
    this.exited = exitOf(child).then(async (ending) => {
      await api[Symbol.asyncDispose]();
      return ending;
    });
  }

  /** Whether it can still run anything. */
  get isAlive(): boolean {
    const { killed, exitCode, signalCode } = this.#child;
    return !killed && exitCode === null && signalCode === null;
  }

  /** Starts the process; the function may then still be loading. */
  static async start(settings: SandboxSettings, onLine: (line: string) => void): Promise<Sandbox> {
    const { clock } = settings;
    const api = await startRuntimeApi(clock);
    const own: SandboxVariables = {
      AWS_LAMBDA_RUNTIME_API: api.host,
      AWS_LAMBDA_LOG_STREAM_NAME: `[$LATEST]${randomBytes(16).toString('hex')}`,
    };
    const options = [
      `--max-old-space-size=${settings.memoryMb}`,
      ...(clock.processes?.execArgv ?? []),
    ];
    // Its first three streams are pipes, whatever else there is.
    const child = spawn(process.execPath, [...options, RUNTIME], {
      cwd: dirname(settings.bundle),
      env: { ...settings.environment, ...own, NODE_COMPILE_CACHE: COMPILE_CACHE },
      stdio: ['pipe', 'pipe', 'pipe', clock.processes ? 'ipc' : 'ignore'],
      // Ctrl-C is for the program at the terminal, not for a rotation that is under way.
      detached: true,
    }) as Child;
    return new Sandbox(api, child, clock, onLine);
  }

  /** Waits until the function is loaded; undefined when it is. */
  initialize(limitMs: number): Promise<Ending | undefined> {
    // Before it works, it would count the time that has passed as its own.
    const ready = this.#api
      .ready()
      .then(() => this.thaw())
      .then(() => undefined);
    // By the machine's clock: it takes the machine that long.
    return this.#within<Ending | undefined>(MACHINE_CLOCK, limitMs, ready, this.#api.startFailed);
  }

  /** Runs one invocation; whatever ends it but a reply also ends the sandbox. */
  invoke(work: Omit<RuntimeInvocation, 'deadlineMs'>, limitMs: number): Promise<Ending> {
    const deadlineMs = this.#clock.now().getTime() + limitMs;
    return this.#within(this.#clock, limitMs, this.#api.run({ ...work, deadlineMs }));
  }

  /**
   * Between invocations a sandbox is frozen: whatever its timers wait for strikes in the next one
   * (Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle").
   */
  freeze(): void {
    this.#adopted?.freeze();
  }

  /** Before each invocation, of one that is alive. */
  async thaw(): Promise<void> {
    await this.#adopted?.thaw();
  }

  /** Stops the process at once, whatever it does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Stops the process and waits until it is gone. */
  async stop(): Promise<void> {
    this.kill();
    await this.exited;
  }

  async #within<T>(
    clock: LocalClock,
    limitMs: number,
    ...outcomes: Promise<T>[]
  ): Promise<T | Ending> {
    const timer = new AbortController();
    const timeout: Ending = { kind: 'timeout' };
    try {
      const ending = await Promise.race([
        ...outcomes,
        this.exited,
        clock.sleep(limitMs, timer.signal).then(() => timeout),
      ]);
      if (ending === timeout) {
        await this.stop();
      }
      return ending;
    } finally {
      timer.abort();
    }
  }
}

/** By line feeds alone: `readline` also breaks lines at characters that JSON leaves as they are. */
function readLines(output: Readable, onLine: (line: string) => void): void {
  let rest = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  output.on('end', () => {
    if (rest !== '') {
      onLine(rest);
    }
  });
}

function exitOf(child: Child): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) =>
      resolve({ kind: 'exit', reason: `failed to start: ${message}` }),
    );
    child.once('close', (code, signal) =>
      resolve({ kind: 'exit', reason: reasonOf(code, signal) }),
    );
  });
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  // How V8 ends when the heap is full.
  SIGABRT: 'aborted (core dumped)',
  SIGSEGV: 'segmentation fault (core dumped)',
};

function reasonOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) {
    return `exited with error: signal: ${SIGNALS[signal] ?? signal}`;
  }
  return code === 0
    ? 'exited without providing a reason'
    : `exited with error: exit status ${code}`;
}

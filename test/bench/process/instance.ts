import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { functionEnvironment } from '../../../infra/local/lambda/environment.ts';

const INSTANCE = join(import.meta.dirname, 'instance.cjs');

/** What an instance says after an invocation. */
export interface Invocation {
  /** Of the function, where it failed. */
  readonly failure?: string;
  readonly wallMs: number;
  /** The processor, for the thread that the function runs in. */
  readonly threadMs: number;
  /** The same, and what V8 does beside it. */
  readonly cpuMs: number;
  /** That loading the bundle took. */
  readonly importMs: number;
  /** Since the process began. */
  readonly sinceStartMs: number;
  readonly cpuSinceStartMs: number;
  /** Resident after it. */
  readonly memoryBytes: number;
  /** Of a profiled invocation: which code ran when. */
  readonly profile?: Profiler.Profile;
}

/** One process that runs a function, as one of Lambda's instances does. */
export interface Instance extends AsyncDisposable {
  /**
   * The first invocation starts the process. Only one at a time.
   *
   * @param isProfiled that takes time itself, so the other figures do not count then
   */
  invoke(event: object, isProfiled?: boolean): Promise<Invocation>;
}

export interface InstanceProps {
  readonly bundle: string;
  readonly functionArn: string;
  /** The function's variables, beside those that Lambda sets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The default of the construct. */
const MEMORY_MB = 256;

/**
 * With these Lambda starts Node, so that garbage does not fill the memory: a tenth of it for young
 * objects, in two halves, and the rest for old ones. Read in published copies of /var/runtime/bootstrap
 * of earlier Node runtimes; that of Node 24 was not seen.
 */
function heapOptions(megabytes: number): string[] {
  const young = Math.floor(megabytes / 10);
  return [
    `--max-semi-space-size=${Math.floor(young / 2)}`,
    `--max-old-space-size=${megabytes - young}`,
  ];
}

export function createInstance({ bundle, functionArn, environment }: InstanceProps): Instance {
  let child: ChildProcess | undefined;
  const start = () =>
    fork(INSTANCE, [bundle, functionArn], {
      // Without the options and the compile cache of this process, neither of which Lambda has.
      execArgv: heapOptions(MEMORY_MB),
      env: functionEnvironment({
        bundle,
        handler: 'handler',
        functionName: 'bench',
        region: 'eu-central-1',
        memoryMb: MEMORY_MB,
        environment,
      }),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  return {
    async invoke(event, isProfiled = false) {
      child ??= start();
      const settled = new AbortController();
      const { signal } = settled;
      const exited = once(child, 'exit', { signal }).then(() => {
        throw new Error('the process that ran the function is gone');
      });
      exited.catch(() => undefined);
      try {
        const answered = once(child, 'message', { signal });
        child.send({ event, isProfiled });
        const [invocation] = await Promise.race([answered, exited]);
        return invocation;
      } finally {
        settled.abort();
      }
    },
    async [Symbol.asyncDispose]() {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill();
        await exited;
      }
    },
  };
}

import { resolve } from 'node:path';
import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import { type StandIn, startStandIn } from '../server/stand-in.ts';
import { lambdaApi } from './api.ts';
import { functionEnvironment, handlerOf } from './environment.ts';
import { type InvocationRecord, LocalFunction } from './function.ts';
import { FunctionLog, type LogLine } from './log.ts';

/** The function as it is deployed, and where it lives. */
export interface LambdaProps {
  /** Path of the bundle, such as `<folder>/index.cjs`. */
  readonly bundle: string;
  /** The export of the bundle that is the function. @default 'handler' */
  readonly handler?: string;
  readonly functionName: string;
  /** @default 'eu-central-1' */
  readonly region?: string;
  /** The function's variables, beside those that Lambda sets. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * After which an invocation is stopped. Also after which loading the function is: AWS gives up
   * after ten seconds, and loads it again within the invocation.
   *
   * @default 60_000
   */
  readonly timeoutMs?: number;
  /** The size of the heap, and the function's memory setting. @default 256 */
  readonly memoryMb?: number;
  /** The function uses it too. @default - the clock of the machine */
  readonly clock?: LocalClock;
}

/** The local Lambda: one function, run by processes of its own. Operations: Invoke, GetFunction. */
export interface Lambda extends StandIn {
  readonly functionArn: string;
  /** What CloudWatch would show, oldest first. */
  readonly logs: readonly LogLine[];
  /**
   * Calls the listener, which must not throw, with each line of the log.
   *
   * @returns removes the listener
   */
  onLog(listener: (line: LogLine) => void): () => void;
  /** Every invocation that has ended, in the order of their ends. */
  readonly invocations: readonly InvocationRecord[];
  /**
   * Stops every process that runs the function at once (SIGKILL), in whatever line it is; the idle
   * ones only where none runs it.
   */
  kill(): void;
  /** Has the next invocation run by a new process, as when all others are busy. */
  scaleOut(): void;
}

/**
 * Starts a Lambda on loopback that speaks the API of invocation (Lambda API reference, Invoke and
 * GetFunction). No process outlives the server, or the program that started it.
 *
 * @throws {Error} for an environment variable that Lambda reserves
 */
export async function startLambda(props: LambdaProps): Promise<Lambda> {
  const { functionName, region = 'eu-central-1', handler = 'handler' } = props;
  const { memoryMb = 256, timeoutMs = 60_000, clock = MACHINE_CLOCK } = props;
  const bundle = resolve(props.bundle);
  const functionArn = `arn:aws:lambda:${region}:111122223333:function:${functionName}`;
  const environment = functionEnvironment({ ...props, bundle, handler, region, memoryMb });
  const log = new FunctionLog();
  const settings = {
    bundle,
    functionName,
    functionArn,
    environment,
    memoryMb,
    timeoutMs,
    clock,
  };
  const run = new LocalFunction(settings, log);
  const standIn = await startStandIn({
    clock,
    ...lambdaApi(run, {
      FunctionName: functionName,
      FunctionArn: functionArn,
      Runtime: 'nodejs24.x',
      Handler: handlerOf({ bundle, handler }),
      MemorySize: memoryMb,
      Timeout: timeoutMs / 1000,
      Version: '$LATEST',
      State: 'Active',
      LastUpdateStatus: 'Successful',
    }),
  });

  return {
    ...standIn,
    functionArn,
    logs: log.lines,
    onLog: (listener) => log.onLine(listener),
    invocations: run.records,
    kill: () => run.kill(),
    scaleOut: () => run.scaleOut(),
    async [Symbol.asyncDispose]() {
      await standIn[Symbol.asyncDispose]();
      await run[Symbol.asyncDispose]();
    },
  };
}

import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import { type StandIn, startStandIn } from '../server/stand-in.ts';
import type { Answer, Call } from '../server/wire.ts';
import { labelOperations } from './api/labels.ts';
import { lifecycleOperations } from './api/lifecycle.ts';
import { readingOperations } from './api/reading.ts';
import { RequestFields } from './api/request.ts';
import { type RotationOperationsDeps, rotationOperations } from './api/rotate-secret.ts';
import { type WritingDeps, writingOperations } from './api/writing.ts';
import type { RotationSettings } from './rotation/attempts.ts';
import type { ServiceEvent } from './rotation/events.ts';
import { rotationFunctions } from './rotation/function.ts';
import { RotationOrchestrator } from './rotation/orchestrator.ts';
import type { RotationOutcome, RotationProgress } from './rotation/run.ts';
import { Refusal, serviceAnswer, serviceError } from './state/errors.ts';
import { openStateFile } from './state/file.ts';
import { type SecretSnapshot, snapshotOf } from './state/snapshot.ts';
import { SecretsState, type StaleReads } from './state/state.ts';
import { holderOf } from './state/versions.ts';

export interface SecretsManagerProps {
  /**
   * Base URL of the Lambda API through which rotation functions are invoked; as a function where
   * that server starts later than this one.
   *
   * @default - no function exists, and RotateSecret is refused
   */
  readonly lambdaUrl?: string | ((functionArn: string) => string);
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
  /** The time of day, where it is not that of the clock. */
  readonly now?: () => Date;
  /** How often a rotation is tried, all four steps; AWS does not publish its number. @default 3 */
  readonly maxAttempts?: number;
  /** The pause between two attempts; AWS does not publish its own. @default 200 */
  readonly retryDelayMs?: number;
  /**
   * Where the state is kept, with mode 0600; read at the start, written before a change is
   * answered.
   *
   * @default - in memory
   */
  readonly stateFile?: string;
  /** Whether `AWSPENDING` stays after a success; seen on AWS both ways. @default false */
  readonly pendingLabelLingers?: boolean;
  /** Whether events hold a RotationToken; before December 2024 they did not. @default true */
  readonly rotationTokens?: boolean;
}

/** The local Secrets Manager. What looks in from outside is no call, and is never stale. */
export interface SecretsManager extends StandIn {
  /** @throws {Error} for an unknown secret */
  snapshot(secretId: string): SecretSnapshot;
  /** The value that carries a label. */
  valueOf(secretId: string, label: string): string | undefined;
  /** What CloudTrail would hold of rotations, oldest first. */
  readonly events: readonly ServiceEvent[];
  /**
   * Calls the listener, which must not throw, at each step of each run.
   *
   * @returns removes the listener
   */
  onRotation(listener: (progress: RotationProgress) => void): () => void;
  /** Waits until no run is open. @returns how the last one ended; undefined if there was none */
  rotationEnded(secretId: string): Promise<RotationOutcome | undefined>;
  /**
   * Starts every rotation whose NextRotationDate has come; one that was left unfinished is taken
   * up with its own ClientRequestToken.
   *
   * @returns the ARNs
   */
  runDueRotations(): readonly string[];
  /**
   * Takes up an unfinished rotation now, as Secrets Manager does in the next window.
   *
   * @returns false where none is unfinished, or where it is under way
   */
  reattemptRotation(secretId: string): boolean;
  /**
   * Lets the next reads of an operation miss the latest writes.
   *
   * @returns takes back what is left of it
   */
  staleReads(reads: StaleReads): () => void;
}

/** Starts a Secrets Manager on loopback, with AWS's rules for versions, labels and rotation. */
export async function startSecretsManager(
  props: SecretsManagerProps = {},
): Promise<SecretsManager> {
  const { clock = MACHINE_CLOCK, now = () => clock.now() } = props;
  const shutdown = new AbortController();
  const { signal } = shutdown;
  const state = new SecretsState(props.stateFile ? openStateFile(props.stateFile) : undefined);
  const functions = rotationFunctions(props.lambdaUrl, signal);
  const settings = rotationSettings(props);
  const rotation = new RotationOrchestrator({
    state,
    functions,
    settings,
    signal,
    clock,
    now,
  });
  const operations = operationsOf({ state, functions, rotation, now });
  const standIn = await startStandIn({
    clock,
    operationOf,
    answer: (call, operation) => answer(call, operations.get(operation)),
  });

  return {
    ...standIn,
    snapshot: (secretId) => snapshotOf(state.find(secretId)),
    valueOf: (secretId, label) => holderOf(state.find(secretId), label)?.value?.text,
    events: rotation.events,
    onRotation: (listener) => rotation.onProgress(listener),
    rotationEnded: async (secretId) => rotation.ended(state.find(secretId).arn),
    runDueRotations: () => rotation.runDue(),
    reattemptRotation: (secretId) => rotation.reattempt(state.find(secretId)),
    staleReads: (reads) => state.planStale(reads),
    async [Symbol.asyncDispose]() {
      shutdown.abort();
      await rotation.settled();
      await standIn[Symbol.asyncDispose]();
    },
  };
}

function rotationSettings(props: SecretsManagerProps): RotationSettings {
  return {
    maxAttempts: props.maxAttempts ?? 3,
    retryDelayMs: props.retryDelayMs ?? 200,
    pendingLabelLingers: props.pendingLabelLingers ?? false,
    rotationTokens: props.rotationTokens ?? true,
  };
}

type Operation = (fields: RequestFields, accessKeyId: string) => object | Promise<object>;

/** A map, so that no name of a caller's reaches what every object inherits. */
function operationsOf(
  deps: Omit<WritingDeps, 'originOf'> & RotationOperationsDeps,
): ReadonlyMap<string, Operation> {
  const { state, rotation, now } = deps;
  return new Map<string, Operation>(
    Object.entries({
      ...readingOperations(state),
      ...writingOperations({ ...deps, originOf: (put) => rotation.originOf(put) }),
      ...lifecycleOperations(state, now),
      ...labelOperations(state, now),
      ...rotationOperations(deps),
    }),
  );
}

const TARGET = 'secretsmanager.';

function operationOf({ headers }: Call): string {
  const target = headers['x-amz-target'] ?? '';
  return target.startsWith(TARGET) ? target.slice(TARGET.length) : 'Unknown';
}

async function answer(call: Call, operation: Operation | undefined): Promise<Answer> {
  try {
    const accessKeyId = accessKeyOf(call);
    if (!operation) {
      throw new Refusal('UnknownOperationException', 'The operation is not known here.');
    }
    return serviceAnswer(await operation(RequestFields.parse(call.body), accessKeyId));
  } catch (error) {
    if (error instanceof Refusal) {
      return serviceError(error.type, error.message);
    }
    // The state file could not be written: nothing was kept, so nothing has happened.
    return serviceError('InternalServiceError', messageOf(error), 500);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The signature itself is not verified. */
function accessKeyOf({ headers }: Call): string {
  const key = /Credential=([^/,]+)\//.exec(headers['authorization'] ?? '')?.[1];
  if (key === undefined) {
    throw new Refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  return key;
}

import { errorName } from '../disclosure.ts';
import type { Details } from '../failure.ts';
import type { StepLog } from '../ports/step.ts';
import {
  AWS_ADDRESS_TIMEOUT_MS,
  AWS_CONNECT_TIMEOUT_MS,
  AWS_REQUEST_TIMEOUT_MS,
} from '../time/timing.ts';

/** What the SDK attaches to answers and to errors. */
interface Metadata {
  readonly httpStatusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly attempts?: number | undefined;
}

/** Any reply of the SDK. */
export interface Reply {
  readonly $metadata: Metadata;
}

/** One call of a client. The signal ends it at the time-out. */
export type Send<Answer extends Reply> = (options: {
  readonly abortSignal: AbortSignal;
}) => Promise<Answer>;

export interface CallProps {
  /** Its name in the log. */
  readonly service: 'Secrets Manager' | 'SNS';
  readonly operation: string;
  readonly log: StepLog;
  /** For all attempts together. */
  readonly timeoutMs: number;
}

/** A UUID, as both services send it. The header may come from a proxy before AWS. */
const REQUEST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A connection tries the addresses of a name one after another. */
const AGENT = { autoSelectFamilyAttemptTimeout: AWS_ADDRESS_TIMEOUT_MS } as const;

/**
 * The configuration of every client of the SDK: three attempts, each with a time-out. By default
 * the SDK waits for a silent server for ever, its `requestTimeout` only warns and ends with the
 * head of an answer, a body may take five minutes, and the environment may choose how to retry.
 */
export const CLIENT_CONFIG = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: AWS_CONNECT_TIMEOUT_MS,
    requestTimeout: AWS_REQUEST_TIMEOUT_MS,
    throwOnRequestTimeout: true,
    // Between two bytes, also in the middle of an answer.
    socketTimeout: AWS_REQUEST_TIMEOUT_MS,
    httpsAgent: AGENT,
    httpAgent: AGENT,
  },
} as const;

/**
 * Makes one call through the SDK with a time-out, and logs its outcome: ids and numbers, never
 * what was sent or answered.
 */
export async function callAws<Answer extends Reply>(
  { service, operation, log, timeoutMs }: CallProps,
  send: Send<Answer>,
): Promise<Answer> {
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  try {
    const reply = await within(timeoutMs, send);
    log.info(`${service} answered`, { ...callDetails(operation, reply), durationMs: durationMs() });
    return reply;
  } catch (error) {
    const details = callDetails(operation, error);
    const line = { ...details, durationMs: durationMs(), error: errorName(error) };
    if (details['status'] === undefined) {
      log.warn(`${service} did not answer`, line);
    } else {
      log.info(`${service} answered`, line);
    }
    throw error;
  }
}

/** The ids of a call, for a log line or for the details of a failure. */
export function callDetails(operation: string, outcome: unknown): Details {
  const { httpStatusCode, requestId, attempts } = metadataOf(outcome);
  return {
    operation,
    ...(requestId !== undefined && REQUEST_ID.test(requestId) && { awsRequestId: requestId }),
    ...(httpStatusCode !== undefined && { status: httpStatusCode }),
    ...(attempts !== undefined && { attempts }),
  };
}

/** The SDK heeds its signal during a request, but not between two attempts. */
async function within<Answer extends Reply>(
  timeoutMs: number,
  send: Send<Answer>,
): Promise<Answer> {
  const abortSignal = AbortSignal.timeout(Math.max(0, Math.floor(timeoutMs)));
  const tooLate = new Promise<never>((_resolve, reject) => {
    abortSignal.addEventListener('abort', () => reject(abortSignal.reason));
  });
  return await Promise.race([send({ abortSignal }), tooLate]);
}

function metadataOf(outcome: unknown): Metadata {
  return typeof outcome === 'object' && outcome !== null && '$metadata' in outcome
    ? (outcome.$metadata as Metadata)
    : {};
}

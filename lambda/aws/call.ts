import { errorName } from '../disclosure.ts';
import type { Details } from '../failure.ts';
import type { StepLog } from '../ports/step.ts';
import {
  AWS_ADDRESS_TIMEOUT_MS,
  AWS_CALL_TIMEOUT_MS,
  AWS_CONNECT_TIMEOUT_MS,
  AWS_REQUEST_TIMEOUT_MS,
} from '../time/timing.ts';

/** What the SDK tells of a call, of an answer and of an error alike. */
interface Metadata {
  readonly httpStatusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly attempts?: number | undefined;
}

/** What every reply of the SDK is. */
export interface Reply {
  readonly $metadata: Metadata;
}

/** One call of a client, with the options that end it in time. */
export type Send<Answer extends Reply> = (options: {
  readonly abortSignal: AbortSignal;
}) => Promise<Answer>;

export interface CallProps {
  /** As people call it. */
  readonly service: 'Secrets Manager' | 'SNS';
  readonly operation: string;
  readonly log: StepLog;
  /** For all attempts together. @default AWS_CALL_TIMEOUT_MS */
  readonly timeoutMs?: number | undefined;
}

/** What AWS's ids look like: the header may come from something that stands before AWS. */
const REQUEST_ID = /^[A-Za-z0-9-]{1,64}$/;

/** One connection may have to try several addresses of a name. */
const AGENT = { autoSelectFamilyAttemptTimeout: AWS_ADDRESS_TIMEOUT_MS } as const;

/**
 * How every client of the SDK is set up: three attempts, each with a bound.
 * By default the SDK waits for a silent server for ever, `requestTimeout` only
 * warns unless told to throw and does not look at the body, for which it waits
 * five minutes, and the environment may choose another way to retry.
 */
export const CLIENT_CONFIG = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: AWS_CONNECT_TIMEOUT_MS,
    requestTimeout: AWS_REQUEST_TIMEOUT_MS,
    throwOnRequestTimeout: true,
    // Without a byte, in the middle of an answer too.
    socketTimeout: AWS_REQUEST_TIMEOUT_MS,
    httpsAgent: AGENT,
    httpAgent: AGENT,
  },
} as const;

/**
 * Makes one call through the SDK, ends it in time, and logs what became of it:
 * ids and numbers, never what was sent or answered.
 */
export async function callAws<Answer extends Reply>(
  { service, operation, log, timeoutMs = AWS_CALL_TIMEOUT_MS }: CallProps,
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

/** The SDK notices its signal only while a request is under way, not between two attempts. */
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

import type { LocalClock } from '../server/clock.ts';
import { startStandIn } from '../server/stand-in.ts';
import type { Answer } from '../server/wire.ts';

/** One invocation, as a runtime learns of it. */
export interface RuntimeInvocation {
  readonly requestId: string;
  /** JSON. */
  readonly event: string;
  /** When the sandbox is stopped: milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
}

/** What a runtime says in the end: the function's result, its error, or why it could not start. */
export interface RuntimeReply {
  readonly kind: 'response' | 'error' | 'init-error';
  /** JSON; of an error `{errorType, errorMessage, trace}`. */
  readonly payload: string;
}

/** The server between one sandbox and its runtime. */
export interface RuntimeApi extends AsyncDisposable {
  /** Host and port: what the runtime finds in `AWS_LAMBDA_RUNTIME_API`. */
  readonly host: string;
  /** Ends when the runtime reports that the function could not be loaded. */
  readonly startFailed: Promise<RuntimeReply>;
  /** Ends when the runtime asks for work. */
  ready(): Promise<void>;
  /** Gives the runtime work as soon as it asks, and waits for what it replies. */
  run(invocation: RuntimeInvocation): Promise<RuntimeReply>;
}

const BASE = '/2018-06-01/runtime';

/**
 * Starts the API through which a runtime asks for work and replies (Lambda Developer Guide, "Using
 * the Lambda runtime API for custom runtimes"). As on AWS, each sandbox has one of its own.
 */
export async function startRuntimeApi(clock: LocalClock): Promise<RuntimeApi> {
  const startFailed = Promise.withResolvers<RuntimeReply>();
  let asked = Promise.withResolvers<(work: Answer) => void>();
  let replied = Promise.withResolvers<RuntimeReply>();
  let current = '';
  const server = await startStandIn({
    clock,
    operationOf: ({ method, path }) => `${method} ${path.slice(BASE.length)}`,
    answer: ({ body: payload }, operation) => {
      switch (operation) {
        case 'GET /invocation/next':
          return new Promise((resolve) => asked.resolve(resolve));
        case 'POST /init/error':
          startFailed.resolve({ kind: 'init-error', payload });
          return ACCEPTED;
        case `POST /invocation/${current}/response`:
          replied.resolve({ kind: 'response', payload });
          return ACCEPTED;
        case `POST /invocation/${current}/error`:
          replied.resolve({ kind: 'error', payload });
          return ACCEPTED;
        default:
          return UNKNOWN_REQUEST;
      }
    },
  });

  return {
    host: new URL(server.url).host,
    startFailed: startFailed.promise,
    async ready() {
      await asked.promise;
    },
    async run(invocation) {
      const give = await asked.promise;
      asked = Promise.withResolvers();
      replied = Promise.withResolvers();
      current = invocation.requestId;
      give(workFor(invocation));
      return replied.promise;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const ACCEPTED: Answer = { status: 202, headers: JSON_TYPE, body: '{"status":"OK"}' };
const UNKNOWN_REQUEST: Answer = {
  status: 400,
  headers: JSON_TYPE,
  body: '{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}',
};

function workFor(invocation: RuntimeInvocation): Answer {
  const headers = {
    ...JSON_TYPE,
    'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
    'Lambda-Runtime-Deadline-Ms': String(invocation.deadlineMs),
    'Lambda-Runtime-Invoked-Function-Arn': invocation.functionArn,
    'Lambda-Runtime-Trace-Id': invocation.traceId,
  };
  return { status: 200, headers, body: invocation.event };
}

import { type Answer, type Call, type StandIn, startStandIn } from './stand-in.ts';

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

const BASE = '/2018-06-01/runtime';

/**
 * The API between one sandbox and its runtime (Lambda Developer Guide, "Using the Lambda runtime
 * API for custom runtimes"). As on AWS, each sandbox has one of its own.
 */
export class RuntimeApi implements AsyncDisposable {
  /** Ends when the runtime reports that the function could not be loaded. */
  readonly startFailed: Promise<RuntimeReply>;
  readonly #startFailed = Promise.withResolvers<RuntimeReply>();
  #asked = Promise.withResolvers<(answer: Answer) => void>();
  #replied = Promise.withResolvers<RuntimeReply>();
  #current: string | undefined;
  #server: StandIn | undefined;

  private constructor() {
    this.startFailed = this.#startFailed.promise;
  }

  static async start(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    api.#server = await startStandIn({
      operationOf: ({ method, path }) => `${method} ${path.slice(BASE.length)}`,
      answer: (call, operation) => api.#answer(call, operation),
    });
    return api;
  }

  /** What the runtime finds in `AWS_LAMBDA_RUNTIME_API`. */
  get host(): string {
    return new URL(this.#server?.url ?? '').host;
  }

  /** Ends when the runtime asks for work. */
  async ready(): Promise<void> {
    await this.#asked.promise;
  }

  /** Gives the runtime work as soon as it asks, and waits for what it replies. */
  async run(invocation: RuntimeInvocation): Promise<RuntimeReply> {
    const give = await this.#asked.promise;
    this.#asked = Promise.withResolvers();
    this.#replied = Promise.withResolvers();
    this.#current = invocation.requestId;
    give(workFor(invocation));
    return this.#replied.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  #answer({ body }: Call, operation: string): Answer | Promise<Answer> {
    switch (operation) {
      case 'GET /invocation/next':
        return new Promise((resolve) => this.#asked.resolve(resolve));
      case 'POST /init/error':
        this.#startFailed.resolve({ kind: 'init-error', payload: body });
        return ACCEPTED;
      case `POST /invocation/${this.#current}/response`:
        this.#replied.resolve({ kind: 'response', payload: body });
        return ACCEPTED;
      case `POST /invocation/${this.#current}/error`:
        this.#replied.resolve({ kind: 'error', payload: body });
        return ACCEPTED;
      default:
        return UNKNOWN_REQUEST;
    }
  }
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

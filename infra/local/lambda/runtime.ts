// Runs inside the sandbox: loads the function and lets it answer one invocation after another, as
// the runtime of `nodejs24.x` does. AWS's own runtime client needs a native part built on install.

import { existsSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createRequire, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeJsonLogs } from './console.ts';

type Handler = (event: unknown, context: object) => unknown;

const { env } = process;
// Not imported: that would also load `fetch` and WebSocket of Node, in each sandbox.
const { request } = process.getBuiltinModule('node:http');
const RUNTIME_API = `http://${env['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime`;

let requestId: string | undefined;

async function serveInvocations(): Promise<void> {
  const handler = await loadHandler().catch(reportInitError);
  if (!handler) {
    process.exitCode = 1;
    return;
  }
  for (;;) {
    const { headers, body } = await callRuntimeApi('GET', '/invocation/next');
    requestId = String(headers['lambda-runtime-aws-request-id']);
    env['_X_AMZN_TRACE_ID'] = String(headers['lambda-runtime-trace-id']);
    const reply = await invoke(handler, body, contextOf(requestId, headers));
    // Not before: what an invocation needs is compiled in it. And not at the end: that is a kill.
    flushCompileCache();
    // The log goes before the reply, which comes on a connection that is yet to be made: who has
    // the reply has read the log.
    await Promise.all([process.stdout, process.stderr].map(written));
    await callRuntimeApi('POST', `/invocation/${requestId}${reply.path}`, reply.body);
  }
}

async function invoke(handler: Handler, event: string, context: object) {
  try {
    const result = await handler(JSON.parse(event), context);
    return { path: '/response', body: stringifyResult(result) };
  } catch (error) {
    console.error(error instanceof Error ? error : new Error(String(error)));
    return { path: '/error', body: JSON.stringify(describe(error)) };
  }
}

function stringifyResult(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw runtimeError('JSONStringifyError', 'Unable to stringify response body');
  }
}

async function loadHandler(): Promise<Handler> {
  const name = env['_HANDLER'] ?? '';
  const [moduleName = '', exportName = ''] = name.split('.');
  const handler = (await loadModule(moduleName))[exportName];
  if (typeof handler !== 'function') {
    throw runtimeError('HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (handler.length > 2) {
    throw runtimeError('CallbackHandlerDeprecated', `${name} takes a callback, unknown to Node 24`);
  }
  return handler as Handler;
}

/** As AWS's own runtime does, for the two kinds of files that there are here. */
async function loadModule(name: string): Promise<Readonly<Record<string, unknown>>> {
  const path = join(env['LAMBDA_TASK_ROOT'] ?? '', name);
  if (existsSync(`${path}.mjs`)) {
    return await import(pathToFileURL(`${path}.mjs`).href);
  }
  if (existsSync(`${path}.cjs`)) {
    return createRequire(import.meta.url)(`${path}.cjs`);
  }
  throw runtimeError('ImportModuleError', `Error: Cannot find module '${name}'`);
}

async function reportInitError(error: unknown): Promise<undefined> {
  console.error(error instanceof Error ? error : new Error(String(error)));
  await callRuntimeApi('POST', '/init/error', JSON.stringify(describe(error)));
}

function contextOf(awsRequestId: string, headers: IncomingHttpHeaders) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

function describe(error: unknown) {
  return error instanceof Error
    ? {
        errorType: error.name,
        errorMessage: error.message,
        trace: error.stack?.split('\n') ?? [],
      }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function runtimeError(type: string, message: string): Error {
  return Object.defineProperty(new Error(message), 'name', { value: `Runtime.${type}` });
}

/** Ends when all that was written has left this process: a full pipe takes the rest later. */
function written(output: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}

/** On a connection of its own: one kept open would be closed by the server in a long invocation. */
function callRuntimeApi(method: 'GET' | 'POST', path: string, body?: string) {
  return new Promise<{ readonly headers: IncomingHttpHeaders; readonly body: string }>(
    (resolve, reject) => {
      const options = { method, agent: false, headers: { 'content-type': 'application/json' } };
      const call = request(`${RUNTIME_API}${path}`, options, async (response) => {
        const chunks = await response.setEncoding('utf8').toArray();
        resolve({ headers: response.headers, body: chunks.join('') });
      });
      call.once('error', reject).end(body);
    },
  );
}

// The process that started the sandbox holds the other end, which closes when that process ends. It
// must not keep a function running that waits for nothing.
process.stdin.on('close', () => process.exit()).resume();
process.stdin.unref();

// It is the runtime's, and no business of the function.
delete env['NODE_COMPILE_CACHE'];
writeJsonLogs(() => requestId, env['AWS_LAMBDA_LOG_LEVEL']);
serveInvocations().catch(() => process.exit(1));

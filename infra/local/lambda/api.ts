import { randomUUID } from 'node:crypto';
import type { StandInProps } from '../server/stand-in.ts';
import type { Answer, Call } from '../server/wire.ts';
import type { LocalFunction } from './function.ts';

/** The answer of GetFunction; the names as in the API reference (FunctionConfiguration). */
export interface FunctionConfiguration {
  readonly FunctionName: string;
  readonly FunctionArn: string;
  readonly Runtime: string;
  readonly Handler: string;
  readonly MemorySize: number;
  /** Seconds. */
  readonly Timeout: number;
  readonly Version: string;
  readonly State: string;
  readonly LastUpdateStatus: string;
}

const PATH = /^\/2015-03-31\/functions\/([^/]+)(\/invocations)?\/?$/;

/** Invoke and GetFunction for one function, over HTTP (Lambda API reference). */
export function lambdaApi(
  run: LocalFunction,
  configuration: FunctionConfiguration,
): Pick<StandInProps, 'operationOf' | 'answer'> {
  const { FunctionName, FunctionArn } = configuration;
  const names = new Set([FunctionName, FunctionArn].flatMap((id) => [id, `${id}:$LATEST`]));
  const description = JSON.stringify({ Configuration: configuration });

  return {
    operationOf,
    answer: (call, operation) => {
      if (operation === 'Unknown') {
        return refused(404, 'UnknownOperationException', 'only Invoke and GetFunction are known');
      }
      const name = functionNameIn(call.path);
      if (!names.has(name)) {
        return refused(404, 'ResourceNotFoundException', `Function not found: ${name}`);
      }
      return operation === 'Invoke' ? invoke(run, call) : answer(200, description);
    },
  };
}

function operationOf({ method, path }: Call): string {
  const [matched, , invocations] = PATH.exec(path) ?? [];
  if (matched === undefined || method !== (invocations ? 'POST' : 'GET')) {
    return 'Unknown';
  }
  return invocations ? 'Invoke' : 'GetFunction';
}

/** Name or ARN; empty for what is neither. */
function functionNameIn(path: string): string {
  try {
    return decodeURIComponent(PATH.exec(path)?.[1] ?? '');
  } catch {
    return '';
  }
}

async function invoke(run: LocalFunction, { headers, body }: Call): Promise<Answer> {
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type !== 'RequestResponse') {
    return refused(400, 'InvalidParameterValueException', 'only RequestResponse is known');
  }
  const event = body === '' ? '{}' : body;
  if (!isJson(event)) {
    // Not what it is instead: it may hold a RotationToken.
    const message = 'Could not parse request body into json';
    return refused(400, 'InvalidRequestContentException', message);
  }
  const { requestId, outcome, payload } = await run.invoke(event);
  return answer(200, payload, {
    'x-amzn-RequestId': requestId,
    'X-Amz-Executed-Version': '$LATEST',
    ...(outcome !== 'success' && { 'X-Amz-Function-Error': 'Unhandled' }),
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refused(status: number, errorType: string, message: string): Answer {
  return answer(status, JSON.stringify({ Type: 'User', Message: message }), {
    'x-amzn-ErrorType': errorType,
  });
}

function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
  const id = { 'x-amzn-RequestId': randomUUID() };
  return { status, headers: { 'content-type': 'application/json', ...id, ...headers }, body };
}

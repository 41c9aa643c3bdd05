import type { Status } from './log.ts';
import type { Ending } from './sandbox.ts';

/** What the caller of an invocation gets. */
export interface InvocationAnswer {
  readonly requestId: string;
  readonly outcome: Status;
  /** JSON: the function's result, or `{errorType, errorMessage}` and, of its own errors, `trace`. */
  readonly payload: string;
  /** Absent after a success. */
  readonly errorType?: string;
}

/** Puts the end of an invocation into the words of Lambda. */
export function answerTo(ending: Ending, requestId: string, timeoutMs: number): InvocationAnswer {
  switch (ending.kind) {
    case 'response':
      return { requestId, outcome: 'success', payload: ending.payload };
    case 'error':
    case 'init-error':
      return {
        requestId,
        outcome: 'error',
        payload: ending.payload,
        errorType: errorTypeIn(ending.payload),
      };
    case 'timeout': {
      const seconds = (timeoutMs / 1000).toFixed(2);
      const reason = `Task timed out after ${seconds} seconds`;
      return stopped(requestId, 'timeout', 'Sandbox.Timedout', reason);
    }
    case 'exit':
      return stopped(requestId, 'failure', 'Runtime.ExitError', `Runtime ${ending.reason}`);
  }
}

function stopped(
  requestId: string,
  outcome: Status,
  errorType: string,
  reason: string,
): InvocationAnswer {
  const errorMessage = `RequestId: ${requestId} Error: ${reason}`;
  return { requestId, outcome, payload: JSON.stringify({ errorType, errorMessage }), errorType };
}

function errorTypeIn(payload: string): string {
  const { errorType } = JSON.parse(payload) as { readonly errorType: string };
  return errorType;
}

/** What became of one synchronous invocation. */
export type InvocationResult =
  | { readonly succeeded: true }
  | { readonly succeeded: false; readonly errorType: string; readonly errorMessage: string };

/** A rotation function behind Lambda's own API (Lambda API reference, GetFunction and Invoke). */
export interface RotationFunctions {
  /** False for a function that is missing or that Secrets Manager may not invoke. */
  isInvocable(functionArn: string): Promise<boolean>;
  /** Waits for the end of the invocation; never throws. */
  invoke(functionArn: string, event: object): Promise<InvocationResult>;
}

/**
 * Reaches rotation functions over HTTP.
 *
 * @param lambdaUrl the base URL of a Lambda API; without one no function exists. As a function it
 * is asked anew for each call, with the ARN of the function that is called.
 * @param shutdown lets go of every call that is open
 */
export function rotationFunctions(
  lambdaUrl: string | ((functionArn: string) => string) | undefined,
  shutdown: AbortSignal,
): RotationFunctions {
  // `fetch` leaves listeners on a signal, and each new one is compared with all: one for each call.
  const callSignal = () => AbortSignal.any([shutdown]);
  const urlOf = (functionArn: string, rest = '') => {
    const base = typeof lambdaUrl === 'function' ? lambdaUrl(functionArn) : lambdaUrl;
    return `${base}/2015-03-31/functions/${encodeURIComponent(functionArn)}${rest}`;
  };

  return {
    async isInvocable(functionArn) {
      if (lambdaUrl === undefined) {
        return false;
      }
      try {
        const response = await fetch(urlOf(functionArn), { signal: callSignal() });
        await response.arrayBuffer();
        return response.status === 200;
      } catch {
        return false;
      }
    },

    async invoke(functionArn, event) {
      try {
        const response = await fetch(urlOf(functionArn, '/invocations'), {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-amz-invocation-type': 'RequestResponse',
          },
          body: JSON.stringify(event),
          signal: callSignal(),
        });
        return readResult(response.status, response.headers, await response.text());
      } catch (error) {
        const errorType = error instanceof Error ? error.name : typeof error;
        return { succeeded: false, errorType, errorMessage: 'the function could not be reached' };
      }
    },
  };
}

function readResult(status: number, headers: Headers, body: string): InvocationResult {
  if (status !== 200) {
    return { succeeded: false, errorType: 'InvokeError', errorMessage: `HTTP ${status}` };
  }
  const functionError = headers.get('x-amz-function-error');
  if (functionError === null) {
    return { succeeded: true };
  }
  const { errorType, errorMessage } = parseError(body);
  return {
    succeeded: false,
    errorType: typeof errorType === 'string' ? errorType : functionError,
    errorMessage: typeof errorMessage === 'string' ? errorMessage : '',
  };
}

function parseError(body: string): {
  readonly errorType?: unknown;
  readonly errorMessage?: unknown;
} {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lambda, type LambdaProps, startLambda } from '../../../infra/local/lambda/lambda.ts';

/** What the caller of Invoke gets. */
export interface Invoked {
  readonly status: number;
  /** Of the answer. */
  readonly headers: Headers;
  /** What `X-Amz-Function-Error` says; null after a success. */
  readonly functionError: string | null;
  readonly payload: unknown;
}

/** A Lambda whose function a test wrote, and its caller. */
export interface Rig extends AsyncDisposable {
  readonly lambda: Lambda;
  /** Where the function's source lies. */
  readonly bundle: string;
  /** @param path @default - Invoke of the function, by its ARN */
  invoke(event?: unknown, init?: RequestInit, path?: string): Promise<Invoked>;
}

export const FUNCTION_NAME = 'rotate';

/** Starts a Lambda with the function that the source, an ES module, exports as `handler`. */
export async function startRig(source: string, props: Partial<LambdaProps> = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-'));
  const bundle = join(folder, 'index.mjs');
  writeFileSync(bundle, source);
  const lambda = await startLambda({
    bundle,
    functionName: FUNCTION_NAME,
    environment: {},
    ...props,
  });
  return {
    lambda,
    bundle,
    invoke: (event = {}, init = {}, path = invocationsOf(lambda.functionArn)) =>
      send(`${lambda.url}${path}`, { method: 'POST', body: JSON.stringify(event), ...init }),
    async [Symbol.asyncDispose]() {
      await lambda[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The path of Invoke, for a function by its name or ARN. */
export function invocationsOf(functionId: string): string {
  return `/2015-03-31/functions/${encodeURIComponent(functionId)}/invocations`;
}

async function send(url: string, init: RequestInit): Promise<Invoked> {
  const response = await fetch(url, init);
  const { status, headers } = response;
  const functionError = headers.get('x-amz-function-error');
  return { status, headers, functionError, payload: await response.json() };
}

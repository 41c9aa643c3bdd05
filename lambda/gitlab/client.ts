import { getCACertificates } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import packageJson from '../../package.json' with { type: 'json' };
import { CONNECT_TIMEOUT_MS } from '../rotation/timing.ts';

export interface GitLabClientProps {
  /** Without a trailing slash; may have a path. */
  readonly gitlabUrl: string;
  /** PEM certificates to trust besides Node's own. */
  readonly ca?: string;
  /** May hold credentials. @default - no proxy */
  readonly httpsProxy?: string;
  /** Hosts that are reached without the proxy, as in `NO_PROXY`. */
  readonly noProxy?: string;
}

/** One request to GitLab's API, with a token as its credential. */
export interface GitLabRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** After `/api/v4`, already encoded. */
  readonly path: string;
  readonly token: string;
  readonly body?: object;
  /** For the whole call, from connecting to the last byte. */
  readonly timeoutMs: number;
}

/**
 * What became of a request.
 *
 * - `answered`: a whole answer in UTF-8
 * - `not-sent`: nothing of the request was written to any connection
 * - `no-answer`: it was written, in part at least, and what came back is not a whole answer
 */
export type GitLabResponse =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly header: (name: string) => string | undefined;
      readonly text: string;
    }
  | { readonly kind: 'not-sent'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly reason: string; readonly status?: number };

/** No answer that this project reads is longer than some thousand bytes. */
const LARGEST_BODY = 1024 * 1024;

/**
 * HTTP with GitLab: no redirect is followed and nothing is sent twice. Every
 * request has a connection of its own, since one that has idled may be half
 * closed, and a request written to it would have an unknown outcome.
 */
export class GitLabClient {
  readonly #baseUrl: string;
  readonly #agentOptions: EnvHttpProxyAgent.Options;

  constructor({ gitlabUrl, ca, httpsProxy = '', noProxy = '' }: GitLabClientProps) {
    this.#baseUrl = `${gitlabUrl}/api/v4`;
    const tls = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
    this.#agentOptions = {
      // Empty, not absent: undici would read the environment itself. Without
      // TLS there is a GitLab on loopback only, which no proxy can reach.
      httpProxy: '',
      httpsProxy,
      noProxy,
      pipelining: 0,
      allowH2: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      connect: { timeout: CONNECT_TIMEOUT_MS, ...tls },
      requestTls: tls,
      proxyTls: tls,
    };
  }

  /** Sends a request once. Never throws for what the network or GitLab does. */
  async send({ method, path, token, body, timeoutMs }: GitLabRequest): Promise<GitLabResponse> {
    const agent = new EnvHttpProxyAgent(this.#agentOptions);
    const sending = { begun: false };
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const exchange = this.#exchange(
        { method, path, token, timeoutMs, ...(body && { body }) },
        { dispatcher: agent.compose(noteBeginning(sending)), signal: timeout },
      );
      // undici looks at no signal while it connects, and waits for a proxy
      // that is silent for minutes.
      return await Promise.race([exchange, rejectionOf(timeout)]);
    } catch (error) {
      const reason = reasonOf(error);
      return sending.begun ? { kind: 'no-answer', reason } : { kind: 'not-sent', reason };
    } finally {
      // Before anything else happens: what was not sent by now must never be.
      agent.destroy().catch(() => undefined);
    }
  }

  async #exchange(
    { method, path, token, body, timeoutMs }: GitLabRequest,
    options: { readonly dispatcher: Dispatcher; readonly signal: AbortSignal },
  ): Promise<GitLabResponse> {
    const {
      statusCode,
      headers,
      body: stream,
    } = await request(`${this.#baseUrl}${path}`, {
      ...options,
      method,
      headers: {
        accept: 'application/json',
        // A redirect to another origin would carry `PRIVATE-TOKEN` along.
        authorization: `Bearer ${token}`,
        // GitLab in read-only mode answers others than JSON requests with a redirect.
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
        'user-agent': `${packageJson.name}/${packageJson.version}`,
      },
      ...(body && { body: JSON.stringify(body) }),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const status = statusCode;
    try {
      const text = await readText(stream);
      return { kind: 'answered', status, header: (name) => single(headers[name]), text };
    } catch (error) {
      return { kind: 'no-answer', reason: reasonOf(error), status };
    }
  }
}

/** undici begins a request only when its connection stands, and says so just before it writes. */
function noteBeginning(sending: { begun: boolean }): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        sending.begun = true;
        handler.onRequestStart?.(controller, context);
      },
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > LARGEST_BODY) {
      throw new BodyError('BODY_TOO_LARGE');
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new BodyError('BODY_NOT_UTF8');
  }
}

/** A body that no GitLab sends; the code is ours. */
class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** A code such as `ECONNREFUSED`, else the name: messages may quote the request. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  const { code } = error as { readonly code?: unknown };
  const reason = typeof code === 'string' ? code : error.name;
  return /^\w{1,64}$/.test(reason) ? reason : 'Error';
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

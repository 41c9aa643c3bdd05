import { createSecureContext, getCACertificates } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import packageJson from '../../package.json' with { type: 'json' };
import { CONNECT_TIMEOUT_MS } from '../rotation/timing.ts';
import { reasonOf } from './error-reason.ts';
import { readBody } from './read-body.ts';

export interface GitLabClientProps {
  /** Without a trailing slash; may have a path. */
  readonly gitlabUrl: string;
  /** PEM certificates to trust besides Node's own, for GitLab and for an https proxy. */
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
 * What became of a request. `reason` is one word of letters, digits and
 * underscores: an error's code or name, or a word of ours.
 *
 * - `answered`: a whole answer
 * - `not-sent`: nothing of the request was written to any connection, nor ever will be
 * - `no-answer`: it may have been written, and what came back is not a whole answer
 */
export type GitLabResponse =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** A header by its name in lower case; the first, where there are several. */
      readonly header: (name: string) => string | undefined;
      readonly text: string;
    }
  | { readonly kind: 'not-sent'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly reason: string; readonly status?: number };

/** How far a request has come. */
interface Progress {
  begun?: true;
  status?: number;
}

/** What undici says when a proxy answers CONNECT with anything but 200. */
const TUNNEL_REFUSED = 'UND_ERR_ABORTED';

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
    const tls = ca === undefined ? {} : { secureContext: trusting(ca) };
    this.#agentOptions = {
      // Empty, not absent: undici would read the environment itself. Without
      // TLS there is a GitLab on loopback only, which no proxy can reach.
      httpProxy: '',
      httpsProxy,
      noProxy,
      pipelining: 0,
      allowH2: false,
      // For each of GitLab, a proxy, and what lies behind the proxy.
      connectTimeout: CONNECT_TIMEOUT_MS,
      connect: tls,
      requestTls: tls,
      // A proxy that offers HTTP/2 would be taken at its word: no tunnel comes of it.
      proxyTls: { allowH2: false, ...tls },
    };
  }

  /** Sends a request once. Never throws for what the network or GitLab does. */
  async send(call: GitLabRequest): Promise<GitLabResponse> {
    const progress: Progress = {};
    let agent: Dispatcher | undefined;
    try {
      agent = new EnvHttpProxyAgent(this.#agentOptions);
      // Not as undici's `signal`, at which it does not look while it connects:
      // it waits minutes for a proxy that is silent.
      return await Promise.race([
        this.#exchange(call, agent, progress),
        rejectionOf(AbortSignal.timeout(call.timeoutMs)),
      ]);
    } catch (error) {
      const reason = reasonOf(error);
      const { begun, ...answer } = progress;
      return begun
        ? { kind: 'no-answer', reason, ...answer }
        : { kind: 'not-sent', reason: reason === TUNNEL_REFUSED ? 'PROXY_REFUSED' : reason };
    } finally {
      // Before anything else happens: what was not sent by now must never be,
      // and what is under way ends here.
      void agent?.destroy();
    }
  }

  async #exchange(
    { method, path, token, body, timeoutMs }: GitLabRequest,
    agent: Dispatcher,
    progress: Progress,
  ): Promise<GitLabResponse> {
    const answer = await request(`${this.#baseUrl}${path}`, {
      dispatcher: agent.compose(noteBeginning(progress)),
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
      // Not shorter than the call: a slow answer may hold the only copy of a token.
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    progress.status = answer.statusCode;
    return {
      kind: 'answered',
      status: answer.statusCode,
      header: (name) => [answer.headers[name]].flat()[0],
      text: await readBody(answer.body),
    };
  }
}

/** Built once: it takes longer than a request on loopback. */
function trusting(ca: string) {
  return createSecureContext({ ca: [...getCACertificates('default'), ca] });
}

/**
 * undici begins a request only when its connection stands, TLS and the tunnel of
 * a proxy included, and says so just before it writes (`writeH1` in its
 * `client-h1.js`). That is a better witness than a list of error codes: a reset
 * may come before the request and after it.
 */
function noteBeginning(progress: Progress): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        progress.begun = true;
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
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

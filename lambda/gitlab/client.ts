import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import packageJson from '#package.json' with { type: 'json' };
import { networkErrorName } from '../disclosure.ts';
import type { StepLog } from '../ports/step.ts';
import { openConnection, type Route, trusting } from './connection.ts';
import { isExempt } from './no-proxy.ts';
import { readBody } from './read-body.ts';
import { answerOrigin, type GitLabResponse } from './response.ts';

export interface GitLabClientProps {
  /** Without a trailing slash; may have a path. */
  readonly gitlabUrl: string;
  /** PEM certificates to trust besides Node's own, for GitLab and for an https proxy. */
  readonly ca?: string;
  /** May hold credentials. @default - no proxy */
  readonly httpsProxy?: string;
  /** Hosts that are reached without the proxy, as in `NO_PROXY`. */
  readonly noProxy?: string;
  readonly log: StepLog;
}

/** One request to GitLab's API, with a token as its credential. */
export interface GitLabRequest {
  /** What it is for, in one word for the log. */
  readonly call: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** After `/api/v4`, already encoded. */
  readonly path: string;
  readonly token: string;
  readonly body?: object;
  /** For the whole call, from connecting to the last byte. */
  readonly timeoutMs: number;
}

/** How far a request has come. */
interface Progress {
  begun?: true;
  status?: number;
}

/** Far more than any answer of GitLab's has; Node's own limit is 16 KiB. */
const LARGEST_HEAD = 64 * 1024;

/** The connection was closed, or switched to another protocol, before there was an answer. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = 'CLOSED_WITHOUT_ANSWER';
}

/**
 * HTTP with GitLab. It follows no redirect and sends nothing twice. Every request has a
 * connection of its own: an idle one may be half closed, and a request written to it would have
 * an unknown outcome.
 *
 * undici opens the connection, `node:http` speaks on it. undici alone would lose
 * answers that are legal HTTP: it hangs up at `100 Continue`, and on white space
 * behind a `Content-Length`. The request begins only once there is a connection. That proves
 * what was not sent better than a list of error codes, since a reset may come before and after it.
 */
export class GitLabClient {
  readonly #baseUrl: string;
  readonly #route: Route;
  readonly #log: StepLog;

  constructor({ gitlabUrl, ca, httpsProxy = '', noProxy = '', log }: GitLabClientProps) {
    this.#log = log;
    this.#baseUrl = `${gitlabUrl}/api/v4`;
    const gitlab = new URL(gitlabUrl);
    // Without TLS there is a GitLab on loopback only, which no proxy can reach.
    const direct = httpsProxy === '' || gitlab.protocol === 'http:' || isExempt(gitlab, noProxy);
    this.#route = {
      gitlab,
      ...(!direct && { proxy: new URL(httpsProxy) }),
      // Built once: it takes longer than a request on loopback.
      ...(ca !== undefined && { secureContext: trusting(ca) }),
    };
  }

  /**
   * Sends a request once and logs what became of it. Never throws for what the network or GitLab does.
   *
   * @param faultOf - why the caller cannot use an answer, in a word of ours for the log
   */
  async send(
    request: GitLabRequest,
    faultOf?: (answer: GitLabResponse) => string | undefined,
  ): Promise<GitLabResponse> {
    const startedAt = performance.now();
    const response = await this.#sendWithin(request);
    const durationMs = Math.round(performance.now() - startedAt);
    const { status, requestId, says } = answerOrigin(response);
    const reason = response.kind === 'answered' ? faultOf?.(response) : response.reason;
    // Ids and numbers, never what was sent or answered.
    this.#log.info(response.kind === 'answered' ? 'GitLab answered' : 'GitLab did not answer', {
      call: request.call,
      durationMs,
      ...(status !== undefined && { status }),
      ...(requestId !== undefined && { gitlabRequestId: requestId }),
      ...(says !== undefined && { gitlabSays: says }),
      ...(reason !== undefined && { reason }),
    });
    return response;
  }

  async #sendWithin(request: GitLabRequest): Promise<GitLabResponse> {
    const progress: Progress = {};
    const timeout = AbortSignal.timeout(Math.max(0, Math.floor(request.timeoutMs)));
    try {
      return await Promise.race([this.#exchange(request, timeout, progress), rejectionOf(timeout)]);
    } catch (error) {
      // After the time-out, whatever happened to the connection is a consequence of it.
      const reason = networkErrorName(timeout.aborted ? timeout.reason : error);
      const { begun, ...answer } = progress;
      return begun ? { kind: 'no-answer', reason, ...answer } : { kind: 'not-sent', reason };
    }
  }

  async #exchange(
    { method, path, token, body }: GitLabRequest,
    timeout: AbortSignal,
    progress: Progress,
  ): Promise<GitLabResponse> {
    const socket = await openConnection(this.#route, timeout);
    try {
      // Nothing may be sent after the time-out.
      timeout.throwIfAborted();
      const { host, pathname, search } = new URL(`${this.#baseUrl}${path}`);
      const request = httpRequest({
        createConnection: () => socket,
        method,
        path: `${pathname}${search}`,
        headers: {
          host,
          accept: 'application/json',
          'accept-encoding': 'identity',
          // A redirect to another origin would carry `PRIVATE-TOKEN` along.
          authorization: `Bearer ${token}`,
          // GitLab in read-only mode answers others than JSON requests with a redirect.
          ...(method !== 'GET' && { 'content-type': 'application/json' }),
          'user-agent': `${packageJson.name}/${packageJson.version}`,
        },
        // A badly written header must not cost a token. A lenient parser is dangerous only where
        // other answers follow on the same connection.
        insecureHTTPParser: true,
        maxHeaderSize: LARGEST_HEAD,
      });
      progress.begun = true;
      const answer = await answerTo(request, body && JSON.stringify(body));
      const { statusCode: status = 0, headersDistinct: headers } = answer;
      progress.status = status;
      return {
        kind: 'answered',
        status,
        header: (name) => headers[name]?.[0],
        text: await readBody(answer, headers['content-encoding']?.join()),
      };
    } finally {
      socket.destroy();
    }
  }
}

/** Writes the request. Interim answers (1xx) are read past by Node. */
function answerTo(request: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request
      .once('response', resolve)
      .on('error', reject)
      .once('close', () => reject(new NoAnswer()))
      .end(body);
  });
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import packageJson from '../../package.json' with { type: 'json' };
import { openConnection, type Route, trusting } from './connection.ts';
import { reasonOf } from './error-reason.ts';
import { isExempt } from './no-proxy.ts';
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

/** Far more than any answer of GitLab's has; Node's own limit is 16 KiB. */
const LARGEST_HEAD = 64 * 1024;

/** The connection was closed, or turned into another protocol's, before there was an answer. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = 'CLOSED_WITHOUT_ANSWER';
}

/**
 * HTTP with GitLab: no redirect is followed and nothing is sent twice. Every
 * request has a connection of its own, since one that has idled may be half
 * closed, and a request written to it would have an unknown outcome.
 *
 * undici opens the connection, `node:http` speaks on it. undici alone would lose
 * answers that are legal HTTP: it hangs up at `100 Continue`, and on white space
 * behind a `Content-Length`. And that there is a connection before there is a
 * request is the witness for what was not sent, better than any list of error
 * codes: a reset may come before the request and after it.
 */
export class GitLabClient {
  readonly #baseUrl: string;
  readonly #route: Route;

  constructor({ gitlabUrl, ca, httpsProxy = '', noProxy = '' }: GitLabClientProps) {
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

  /** Sends a request once. Never throws for what the network or GitLab does. */
  async send(call: GitLabRequest): Promise<GitLabResponse> {
    const progress: Progress = {};
    const timeout = AbortSignal.timeout(Math.max(0, Math.floor(call.timeoutMs)));
    try {
      return await Promise.race([this.#exchange(call, timeout, progress), rejectionOf(timeout)]);
    } catch (error) {
      // Not what the end of the time did to the connection.
      const reason = reasonOf(timeout.aborted ? timeout.reason : error);
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
      // What was not sent by then must never be.
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
        // A token must not be lost to a header that somebody wrote badly. Such answers are
        // dangerous where others follow on the same connection.
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

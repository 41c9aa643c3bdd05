import { request } from 'node:http';

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** A call of GitLab's API. */
export interface ApiCall {
  readonly gitlabUrl: string;
  /** Behind `/api/v4`. */
  readonly path: string;
  readonly token: string;
  /** Sent as JSON, with POST. @default - nothing, with GET */
  readonly body?: object;
}

/**
 * Calls GitLab over a connection of its own, as a program on another machine would.
 *
 * @returns undefined where no answer came
 */
export function callGitLab({ gitlabUrl, path, token, body }: ApiCall): Promise<Reply | undefined> {
  const options = {
    method: body ? 'POST' : 'GET',
    agent: false,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
  };
  return new Promise((resolve) => {
    request(`${gitlabUrl}/api/v4${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .once('error', () => resolve(undefined))
        .once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, body: text });
        });
    })
      .once('error', () => resolve(undefined))
      .end(body && JSON.stringify(body));
  });
}

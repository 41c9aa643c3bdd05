import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GitLabAccessTokens } from '../../../lambda/gitlab/access-tokens.ts';
import { GitLabClient } from '../../../lambda/gitlab/client.ts';
import type { Rig } from '../../rig/function/rig.ts';

/** What the proxy does with GitLab's answer to a rotate request: `body` is what GitLab said. */
export type Tamper = (response: ServerResponse, body: Buffer) => void;

/** How long the client may wait for an answer through the proxy. */
const TIMEOUT_MS = 500;

/**
 * Puts a server between the steps and their GitLab that passes everything on, but
 * tampers with the bytes of GitLab's answer to a rotate request.
 */
export async function startTamperingProxy(rig: Rig, tamper: Tamper): Promise<AsyncDisposable> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { method = 'GET', url = '/', headers } = request;
    const answer = await fetch(`${rig.gitlab.url}${url}`, {
      method,
      headers: { authorization: `${headers.authorization}`, 'content-type': 'application/json' },
      ...(method !== 'GET' && { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (url.endsWith('/rotate')) {
      tamper(response, body);
    } else {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  leadThrough(rig, `http://127.0.0.1:${port}`);
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function leadThrough({ services }: Rig, gitlabUrl: string): void {
  const log = { info: () => undefined, warn: () => undefined };
  const tokens = new GitLabAccessTokens(new GitLabClient({ gitlabUrl, log }));
  services.tokens.probe = (token, timeoutMs) => tokens.probe(token, timeoutMs);
  services.tokens.rotate = (token, owner, expiresAt, _timeoutMs, active) =>
    tokens.rotate(token, owner, expiresAt, TIMEOUT_MS, active);
}

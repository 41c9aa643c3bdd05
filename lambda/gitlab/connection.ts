import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { networkErrorName } from '../disclosure.ts';
import { ADDRESS_TIMEOUT_MS, CONNECT_TIMEOUT_MS } from '../time/timing.ts';
import { withoutBrackets } from './no-proxy.ts';

/** The way to GitLab. */
export interface Route {
  readonly gitlab: URL;
  /** May hold credentials. @default - no proxy */
  readonly proxy?: URL | undefined;
  /** For GitLab and for an https proxy. @default - what Node trusts */
  readonly secureContext?: SecureContext;
}

/** The proxy failed, not GitLab. */
class ProxyError extends Error {
  readonly code: string;

  constructor(reason: string) {
    super();
    this.code = `PROXY_${reason}`;
  }
}

/**
 * Trusts an authority besides those that Node trusts. An intermediate one is
 * enough, as it is for curl.
 */
export function trusting(ca: string): SecureContext {
  return createSecureContext({
    ca: [...getCACertificates('default'), ca],
    allowPartialTrustChain: true,
  });
}

/**
 * Opens a connection to GitLab, with TLS and the tunnel of a proxy, on which nothing has been
 * written yet. The signal closes it at any time, while it is being opened and afterwards.
 */
export async function openConnection(
  { gitlab, proxy, secureContext }: Route,
  signal: AbortSignal,
): Promise<Socket> {
  const connector = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
    // `node:http` does not speak HTTP/2.
    allowH2: false,
    signal,
    ...(secureContext && { secureContext }),
  });
  if (proxy === undefined) {
    return await connect(connector, gitlab);
  }
  return await connect(connector, gitlab, await openTunnel(connector, proxy, gitlab));
}

function connect(
  connector: buildConnector.connector,
  { protocol, hostname, host, port }: URL,
  httpSocket?: Socket,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const endpoint = { protocol, hostname: withoutBrackets(hostname), host, port };
    connector({ ...endpoint, ...(httpSocket && { httpSocket }) }, (error, socket) => {
      if (error === null) {
        resolve(socket);
      } else {
        reject(error);
      }
    });
  });
}

async function openTunnel(
  connector: buildConnector.connector,
  proxy: URL,
  gitlab: URL,
): Promise<Socket> {
  const credentials = credentialsOf(proxy);
  try {
    return await askForTunnel(await connect(connector, proxy), gitlab, credentials);
  } catch (error) {
    throw error instanceof ProxyError ? error : new ProxyError(networkErrorName(error));
  }
}

/** The connection to the proxy becomes the tunnel, or is closed. */
async function askForTunnel(
  socket: Socket,
  { hostname, host, port }: URL,
  credentials: Record<string, string>,
): Promise<Socket> {
  const request = httpRequest({
    createConnection: () => socket,
    method: 'CONNECT',
    path: `${hostname}:${port || 443}`,
    headers: { host, connection: 'keep-alive', 'proxy-connection': 'keep-alive', ...credentials },
  });
  // The proxy connects to GitLab meanwhile.
  const timer = setTimeout(() => request.destroy(new ProxyError('TIMEOUT')), CONNECT_TIMEOUT_MS);
  try {
    const { statusCode = 0, socket: tunnel } = await answerTo(request);
    if (statusCode < 200 || statusCode >= 300) {
      tunnel.destroy();
      throw new ProxyError('REFUSED');
    }
    return tunnel;
  } finally {
    clearTimeout(timer);
  }
}

/** What a proxy sends with the head of its answer is dropped: in TLS the client speaks first. */
function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('connect', resolve).on('error', reject).end();
  });
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '') {
    return {};
  }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

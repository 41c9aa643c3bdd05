import type { Socket } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { buildConnector, Client } from 'undici';
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
  override readonly name = 'ProxyError';
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
    // undici opens no tunnel through a proxy by HTTP/2.
    allowH2: false,
    signal,
    ...(secureContext && { secureContext }),
  });
  if (proxy === undefined) {
    return await connect(connector, gitlab);
  }
  return await connect(connector, gitlab, await openTunnel(connector, proxy, gitlab, signal));
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
  { hostname, host, port }: URL,
  signal: AbortSignal,
): Promise<Socket> {
  const client = new Client(proxy.origin, {
    // undici would take GitLab's name, from the header `host`, for that of the proxy.
    connect: ({ servername: _, ...endpoint }, callback) => connector(endpoint, callback),
    // The proxy connects to GitLab meanwhile.
    headersTimeout: CONNECT_TIMEOUT_MS,
  });
  const tunnel = client.connect({
    path: `${hostname}:${port || 443}`,
    headers: { host, 'proxy-connection': 'keep-alive', ...credentialsOf(proxy) },
    signal,
  });
  try {
    const { statusCode, socket } = await tunnel.catch((error: unknown) => {
      throw new ProxyError(networkErrorName(error));
    });
    if (statusCode < 200 || statusCode >= 300) {
      socket.destroy();
      throw new ProxyError('REFUSED');
    }
    // The connector made it.
    return socket as Socket;
  } finally {
    void client.destroy();
  }
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '') {
    return {};
  }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

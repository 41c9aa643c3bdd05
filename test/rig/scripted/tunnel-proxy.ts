import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Certificate } from './certificate.ts';

/** A tunnel that was asked for. */
export interface Tunnel {
  /** `host:port` */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface TunnelProxy extends AsyncDisposable {
  readonly port: number;
  /** Oldest first, those that were refused among them. */
  readonly tunnels: readonly Tunnel[];
  /** Resolves when both ends of every tunnel have been closed. */
  closed(): Promise<void>;
}

export interface TunnelProxyProps {
  /** @default - plain http */
  readonly tls?: Certificate;
  /** The status of every answer to CONNECT. @default 200 */
  readonly status?: number;
  /** The port of 127.0.0.1 to which every tunnel leads, wherever it was to lead. @default - none */
  readonly to?: number;
  /** Answers only when this has come. @default - at once */
  readonly until?: Promise<unknown>;
}

/** Starts an HTTP proxy on loopback that knows CONNECT and nothing else. */
export async function startTunnelProxy(props: TunnelProxyProps = {}): Promise<TunnelProxy> {
  const { tls, status = 200, to = 0, until } = props;
  const tunnels: Tunnel[] = [];
  const sockets: Duplex[] = [];
  const ends: Promise<unknown>[] = [];
  const server = tls === undefined ? createServer() : createTlsServer(tls);

  const keep = (socket: Duplex) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    ends.push(new Promise((resolve) => socket.once('close', resolve)));
  };
  server.on('connect', async ({ url = '', headers }: IncomingMessage, caller: Duplex) => {
    keep(caller);
    tunnels.push({ target: url, headers });
    await until;
    if (status < 200 || status >= 300) {
      caller.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const target = connect(to, '127.0.0.1');
    keep(target);
    // A caller that is reset says no goodbye of its own.
    caller.once('close', () => target.end());
    caller.write(`HTTP/1.1 ${status} Connection Established\r\n\r\n`);
    caller.pipe(target).pipe(caller);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    closed: async () => {
      await Promise.all(ends);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

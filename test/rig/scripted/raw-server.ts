import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server on loopback that does with its connections what no HTTP server would. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Every connection that was ever opened, oldest first. */
  readonly sockets: readonly Socket[];
}

/** Starts a server that hands over each connection as it comes. @param at - a free port of 127.0.0.1 by default */
export async function startRawServer(
  onConnection: (socket: Socket) => void,
  { host = '127.0.0.1', port = 0 } = {},
): Promise<RawServer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    // A caller that hangs up is what many of these tests are about.
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

/** Reads a request, then sends these bytes and hangs up. */
export function answering(bytes: string | Uint8Array): (socket: Socket) => void {
  return (socket) => socket.once('data', () => socket.end(bytes));
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function closedPort(): Promise<number> {
  await using server = await startRawServer(() => undefined);
  return server.port;
}

import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A server on 127.0.0.1 that is far away: a connection to it takes a second. */
export interface SlowServer extends AsyncDisposable {
  readonly port: number;
  /** Lets it take connections again: those that knocked before try again after a second. */
  wake(): void;
}

/** A server with room for two connections that it does not take while it sleeps. It answers `{}`. */
const SERVER = `
const { parentPort, workerData } = require('node:worker_threads');
const answer = 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}';
const server = require('node:net').createServer((socket) => {
  socket.on('error', () => undefined).once('data', () => socket.end(answer));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(workerData, 0, 0);
});
`;

/** Starts it asleep and full, so that the kernel drops whoever wants to connect. */
export async function startSlowServer(): Promise<SlowServer> {
  const awake = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(SERVER, { eval: true, workerData: awake });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const crowd = await Promise.all([1, 2].map(() => connected(port)));
  return {
    port,
    wake() {
      Atomics.store(awake, 0, 1);
      Atomics.notify(awake, 0);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of crowd) {
        socket.destroy();
      }
      await worker.terminate();
    },
  };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket)).once('error', reject);
  });
}

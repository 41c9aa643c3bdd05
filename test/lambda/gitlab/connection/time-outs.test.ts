import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADDRESS_TIMEOUT_MS, CONNECT_TIMEOUT_MS } from '../../../../lambda/time/timing.ts';
import { answering, startRawServer } from '../../../rig/scripted/raw-server.ts';
import { startTunnelProxy } from '../../../rig/scripted/tunnel-proxy.ts';
import { clientWith, PROBE } from '../client/client-rig.ts';
import { resolveTo } from './resolve-to.ts';

/** How coarse the timers of undici are. */
const TICK_MS = 1_000;

// One clock for all, since undici keeps a timer between requests.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterAll(() => {
  vi.useRealTimers();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Lets the time to connect pass as soon as a server has the first byte, and not before. */
async function whileTimePasses<T>(silent: { readonly heard: Promise<void> }, sending: Promise<T>) {
  let isOver = false;
  const over = sending.finally(() => {
    isOver = true;
  });
  await silent.heard;
  await vi.advanceTimersByTimeAsync(CONNECT_TIMEOUT_MS - TICK_MS);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(2 * TICK_MS);
  return await over;
}

/** A server that reads and says nothing. */
async function startSilentServer() {
  const heard = Promise.withResolvers<void>();
  const server = await startRawServer((socket) => socket.on('data', () => heard.resolve()));
  return Object.assign(server, { heard: heard.promise });
}

describe('a part of the way that says nothing for longer than it may take', () => {
  it('is a GitLab that never ends the handshake of TLS', async () => {
    await using gitlab = await startSilentServer();
    const client = clientWith({ gitlabUrl: `https://127.0.0.1:${gitlab.port}` });

    const response = await whileTimePasses(gitlab, client.send(PROBE));

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'UND_ERR_CONNECT_TIMEOUT' });
  });

  it('is a proxy that never answers CONNECT', async () => {
    await using proxy = await startSilentServer();
    const httpsProxy = `http://127.0.0.1:${proxy.port}`;
    const client = clientWith({ gitlabUrl: 'https://gitlab.invalid', httpsProxy });

    const response = await whileTimePasses(proxy, client.send(PROBE));

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'PROXY_TIMEOUT' });
  });

  it('is a GitLab behind a tunnel', async () => {
    await using gitlab = await startSilentServer();
    await using proxy = await startTunnelProxy({ to: gitlab.port });
    const httpsProxy = `http://127.0.0.1:${proxy.port}`;
    const client = clientWith({ gitlabUrl: 'https://gitlab.invalid', httpsProxy });

    const response = await whileTimePasses(gitlab, client.send(PROBE));

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'UND_ERR_CONNECT_TIMEOUT' });
  });
});

describe('the time to connect', () => {
  it('is not waited for once a proxy has answered: nothing keeps a process from its end', async () => {
    await using proxy = await startTunnelProxy({ status: 403 });
    const httpsProxy = `http://127.0.0.1:${proxy.port}`;
    const set = vi.spyOn(globalThis, 'setTimeout');
    const cleared = vi.spyOn(globalThis, 'clearTimeout');

    await clientWith({ gitlabUrl: 'https://gitlab.invalid', httpsProxy }).send(PROBE);

    const timers = set.mock.results.filter((_, n) => set.mock.calls[n]?.[1] === CONNECT_TIMEOUT_MS);
    expect(timers).toHaveLength(1);
    expect(cleared).toHaveBeenCalledWith(timers[0]?.value);
  });
});

describe('a GitLab of several addresses', () => {
  it('is reached at the second, and the first has more time than by default in Node', async () => {
    await using gitlab = await startRawServer(
      answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'),
    );
    resolveTo('127.0.0.2', '127.0.0.1');
    const connecting = vi.spyOn(net, 'connect');
    const client = clientWith({ gitlabUrl: `http://gitlab.invalid:${gitlab.port}` });

    expect(await client.send(PROBE)).toMatchObject({ kind: 'answered', status: 200 });
    expect(connecting.mock.calls).toMatchObject([
      [{ autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS }],
    ]);
    expect(ADDRESS_TIMEOUT_MS).toBeGreaterThan(net.getDefaultAutoSelectFamilyAttemptTimeout());
    expect(2 * ADDRESS_TIMEOUT_MS).toBeLessThan(CONNECT_TIMEOUT_MS);
  });
});

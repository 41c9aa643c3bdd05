import { createSecureServer } from 'node:http2';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { holdTimeouts } from '../../../rig/function/held-timeouts.ts';
import {
  type Certificate,
  createCertificate,
  createChain,
} from '../../../rig/scripted/certificate.ts';
import { closedPort, startRawServer } from '../../../rig/scripted/raw-server.ts';
import { json, startScript } from '../../../rig/scripted/scripted-gitlab.ts';
import { startTunnelProxy } from '../../../rig/scripted/tunnel-proxy.ts';
import { clientWith, ROTATE } from '../client/client-rig.ts';

/** Never reached without the proxy: the name does not resolve. */
const HOST = 'gitlab.invalid';
const GITLAB_URL = `https://${HOST}`;

let gitlabTls: Certificate;
let loopbackTls: Certificate;

beforeAll(async () => {
  gitlabTls = await createCertificate(HOST);
  loopbackTls = await createCertificate('127.0.0.1', 'localhost');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function startGitLab(tls: Certificate) {
  const { standIn, requests } = await startScript([json(200, {})], { tls });
  return {
    url: standIn.url,
    port: Number(new URL(standIn.url).port),
    requests,
    [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
  };
}

function clientBehind(
  port: number,
  props: { readonly ca?: string; readonly noProxy?: string } = {},
) {
  const httpsProxy = `http://127.0.0.1:${port}`;
  return clientWith({ gitlabUrl: GITLAB_URL, httpsProxy, ...props });
}

describe('through a proxy', () => {
  it('reaches a GitLab with a private certificate, and shows the proxy no token', async () => {
    await using gitlab = await startGitLab(gitlabTls);
    await using proxy = await startTunnelProxy({ to: gitlab.port });

    const response = await clientBehind(proxy.port, { ca: gitlabTls.cert }).send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
    expect(gitlab.requests).toHaveLength(1);
    expect(gitlab.requests[0]?.headers).toMatchObject({
      host: HOST,
      authorization: 'Bearer first',
    });
    expect(proxy.tunnels).toStrictEqual([
      {
        target: `${HOST}:443`,
        headers: { host: HOST, connection: 'keep-alive', 'proxy-connection': 'keep-alive' },
      },
    ]);
  });

  it('opens a tunnel for each request', async () => {
    await using gitlab = await startGitLab(gitlabTls);
    await using proxy = await startTunnelProxy({ to: gitlab.port });
    const client = clientBehind(proxy.port, { ca: gitlabTls.cert });

    await client.send(ROTATE);
    await client.send(ROTATE);

    expect(proxy.tunnels).toHaveLength(2);
  });

  it('gives the proxy its credentials, and GitLab not', async () => {
    await using gitlab = await startGitLab(gitlabTls);
    await using proxy = await startTunnelProxy({ to: gitlab.port });
    const client = clientWith({
      gitlabUrl: GITLAB_URL,
      ca: gitlabTls.cert,
      httpsProxy: `http://user:w%40rd@127.0.0.1:${proxy.port}`,
    });

    await client.send(ROTATE);

    const credentials = Buffer.from('user:w@rd').toString('base64');
    expect(proxy.tunnels[0]?.headers).toMatchObject({
      'proxy-authorization': `Basic ${credentials}`,
    });
    expect(gitlab.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('trusts the same authorities for a proxy that speaks TLS', async () => {
    await using gitlab = await startGitLab(gitlabTls);
    await using proxy = await startTunnelProxy({ tls: loopbackTls, to: gitlab.port });
    const client = clientWith({
      gitlabUrl: GITLAB_URL,
      ca: `${gitlabTls.cert}\n${loopbackTls.cert}`,
      httpsProxy: `https://localhost:${proxy.port}`,
    });

    const response = await client.send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('speaks HTTP/1.1 with a proxy that offers HTTP/2', async () => {
    const versions: string[] = [];
    const proxy = createSecureServer({ ...loopbackTls, allowHTTP1: true });
    proxy.on('connect', (request, socket) => {
      versions.push(request.httpVersion);
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    await using _ = proxy;
    const { port } = proxy.address() as { port: number };
    const client = clientWith({
      gitlabUrl: GITLAB_URL,
      ca: loopbackTls.cert,
      httpsProxy: `https://localhost:${port}`,
    });

    const response = await client.send({ ...ROTATE, timeoutMs: 3_000 });

    expect(versions).toStrictEqual(['1.1']);
    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'PROXY_REFUSED' });
  });

  it('goes around it for a host that needs none', async () => {
    await using gitlab = await startGitLab(loopbackTls);
    await using proxy = await startTunnelProxy();
    const client = clientWith({
      gitlabUrl: gitlab.url,
      ca: loopbackTls.cert,
      httpsProxy: `http://127.0.0.1:${proxy.port}`,
      noProxy: 'example.com, 127.0.0.1',
    });

    const response = await client.send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
    expect(proxy.tunnels).toStrictEqual([]);
  });

  it('takes no exception from the environment', async () => {
    vi.stubEnv('NO_PROXY', '*');
    vi.stubEnv('no_proxy', '*');
    await using gitlab = await startGitLab(gitlabTls);
    await using proxy = await startTunnelProxy({ to: gitlab.port });

    await clientBehind(proxy.port, { ca: gitlabTls.cert }).send(ROTATE);

    expect(proxy.tunnels).toHaveLength(1);
  });

  it('goes around it for http, which there is on loopback only', async () => {
    const { standIn, requests } = await startScript([json(200, {})]);
    await using _ = standIn;
    await using proxy = await startTunnelProxy();
    const httpsProxy = `http://127.0.0.1:${proxy.port}`;

    await clientWith({ gitlabUrl: standIn.url, httpsProxy }).send(ROTATE);

    expect(requests).toHaveLength(1);
    expect(proxy.tunnels).toStrictEqual([]);
  });

  it('takes every 2xx for a tunnel', async () => {
    await using gitlab = await startGitLab(gitlabTls);
    await using proxy = await startTunnelProxy({ status: 201, to: gitlab.port });

    const response = await clientBehind(proxy.port, { ca: gitlabTls.cert }).send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('trusts an intermediate authority alone, for GitLab and for a proxy that speaks TLS', async () => {
    const { leaf, intermediate } = await createChain(HOST, 'localhost');
    await using gitlab = await startGitLab(leaf);
    await using proxy = await startTunnelProxy({ tls: leaf, to: gitlab.port });
    const client = clientWith({
      gitlabUrl: GITLAB_URL,
      ca: intermediate.cert,
      httpsProxy: `https://localhost:${proxy.port}`,
    });

    const response = await client.send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
  });
});

describe('a request is not sent', () => {
  it.each([100, 300, 304, 403, 407, 502])(
    'when the proxy answers CONNECT with %i',
    async (status) => {
      await using proxy = await startTunnelProxy({ status });

      const response = await clientBehind(proxy.port).send(ROTATE);

      expect(response).toStrictEqual({ kind: 'not-sent', reason: 'PROXY_REFUSED' });
      expect(proxy.tunnels).toHaveLength(1);
    },
  );

  it('when the proxy refuses and hangs on: the client hangs up', async () => {
    await using proxy = await startRawServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 403 Forbidden\r\n\r\n'));
    });

    await clientBehind(proxy.port).send(ROTATE);

    await vi.waitFor(() => expect(proxy.sockets[0]?.closed).toBe(true), { interval: 2 });
  });

  it('when the proxy is not there', async () => {
    const response = await clientBehind(await closedPort()).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'PROXY_ECONNREFUSED' });
  });

  it.each(['end', 'resetAndDestroy'] as const)(
    'when the proxy answers CONNECT with %s',
    async (ending) => {
      await using proxy = await startRawServer((socket) => {
        socket.once('data', () => socket[ending]());
      });

      const response = await clientBehind(proxy.port).send(ROTATE);

      expect(response).toStrictEqual({ kind: 'not-sent', reason: 'PROXY_ECONNRESET' });
      expect(proxy.sockets).toHaveLength(1);
    },
  );

  it('when the authority of GitLab is not known', async () => {
    await using gitlab = await startGitLab(gitlabTls);
    await using proxy = await startTunnelProxy({ to: gitlab.port });

    const response = await clientBehind(proxy.port).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(gitlab.requests).toStrictEqual([]);
  });

  it('when the tunnel ends at a host of another name', async () => {
    await using other = await startGitLab(loopbackTls);
    await using proxy = await startTunnelProxy({ to: other.port });

    const response = await clientBehind(proxy.port, { ca: loopbackTls.cert }).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(other.requests).toStrictEqual([]);
  });

  it('when the certificate of the proxy has another name', async () => {
    await using proxy = await startTunnelProxy({ tls: gitlabTls });
    const client = clientWith({
      gitlabUrl: GITLAB_URL,
      ca: gitlabTls.cert,
      httpsProxy: `https://localhost:${proxy.port}`,
    });

    const response = await client.send(ROTATE);

    expect(response).toStrictEqual({
      kind: 'not-sent',
      reason: 'PROXY_ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(proxy.tunnels).toStrictEqual([]);
  });

  it('when the proxy says yes only after the time is over, not even then', async () => {
    const timeouts = holdTimeouts();
    const timeIsOver = Promise.withResolvers<void>();
    await using gitlab = await startGitLab(gitlabTls);
    await using proxy = await startTunnelProxy({ to: gitlab.port, until: timeIsOver.promise });
    const client = clientBehind(proxy.port, { ca: gitlabTls.cert });

    const sending = client.send(ROTATE);
    await vi.waitFor(() => expect(proxy.tunnels).toHaveLength(1), { interval: 2 });
    timeouts.end();
    const response = await sending;
    timeIsOver.resolve();
    await proxy.closed();

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'TimeoutError' });
    expect(proxy.tunnels).toHaveLength(1);
    expect(gitlab.requests).toStrictEqual([]);
  });

  it('when the URL of the proxy cannot be read', async () => {
    const httpsProxy = 'http://%zz:word@127.0.0.1:1';

    const response = await clientWith({ gitlabUrl: GITLAB_URL, httpsProxy }).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'URIError' });
  });
});

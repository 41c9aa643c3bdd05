import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { holdTimeouts } from '../../../rig/function/held-timeouts.ts';
import {
  type Certificate,
  createCertificate,
  createChain,
} from '../../../rig/scripted/certificate.ts';
import { closedPort, startRawServer } from '../../../rig/scripted/raw-server.ts';
import { json, startScript } from '../../../rig/scripted/scripted-gitlab.ts';
import { clientWith, ROTATE } from '../client/client-rig.ts';

let loopback: Certificate;
let elsewhere: Certificate;

beforeAll(async () => {
  loopback = await createCertificate('127.0.0.1', 'localhost');
  elsewhere = await createCertificate('gitlab.example.com');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a GitLab with a private certificate', () => {
  it('is reached when its authority is given', async () => {
    const { standIn, requests } = await startScript([json(200, {})], { tls: loopback });
    await using _ = standIn;
    const client = clientWith({ gitlabUrl: standIn.url, ca: loopback.cert });

    const response = await client.send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
    expect(requests).toHaveLength(1);
  });

  it('is reached when its authority is one of several in the file', async () => {
    const { standIn } = await startScript([json(200, {})], { tls: loopback });
    await using _ = standIn;
    const ca = `${elsewhere.cert}\n${loopback.cert}`;

    const response = await clientWith({ gitlabUrl: standIn.url, ca }).send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('is reached when the file holds only the intermediate authority that issued it', async () => {
    const { leaf, intermediate } = await createChain('127.0.0.1');
    const { standIn } = await startScript([json(200, {})], { tls: leaf });
    await using _ = standIn;

    const response = await clientWith({
      gitlabUrl: standIn.url,
      ca: intermediate.cert,
    }).send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('gets nothing when the file holds an intermediate authority that did not issue it', async () => {
    const { leaf } = await createChain('127.0.0.1');
    const { intermediate } = await createChain('127.0.0.1');
    const { standIn, requests } = await startScript([json(200, {})], { tls: leaf });
    await using _ = standIn;

    const response = await clientWith({
      gitlabUrl: standIn.url,
      ca: intermediate.cert,
    }).send(ROTATE);

    expect(response).toMatchObject({
      kind: 'not-sent',
      reason: expect.stringMatching(/VERIFY|CERT/),
    });
    expect(requests).toStrictEqual([]);
  });

  it('is no reason to distrust what Node trusts', async () => {
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, loopback.cert]);
    onTestFinished(() => setDefaultCACertificates(trusted));
    const { standIn } = await startScript([json(200, {})], { tls: loopback });
    await using _ = standIn;
    const client = clientWith({ gitlabUrl: standIn.url, ca: elsewhere.cert });

    const response = await client.send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('is reached without the proxy that the environment names', async () => {
    const proxy = `http://127.0.0.1:${await closedPort()}`;
    vi.stubEnv('HTTPS_PROXY', proxy);
    vi.stubEnv('https_proxy', proxy);
    const { standIn } = await startScript([json(200, {})], { tls: loopback });
    await using _ = standIn;
    const client = clientWith({ gitlabUrl: standIn.url, ca: loopback.cert });

    const response = await client.send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('is spoken to in HTTP/1.1 although it offers HTTP/2', async () => {
    const versions: string[] = [];
    const gitlab = createSecureServer({ ...loopback, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion);
      response.end('{}');
    });
    await using _ = gitlab;
    await once(gitlab.listen(0, '127.0.0.1'), 'listening');
    const { port } = gitlab.address() as AddressInfo;
    const gitlabUrl = `https://127.0.0.1:${port}`;

    await clientWith({ gitlabUrl, ca: loopback.cert }).send(ROTATE);

    expect(versions).toStrictEqual(['1.1']);
  });

  it('gets nothing when its authority is not known', async () => {
    const { standIn, requests } = await startScript([], { tls: loopback });
    await using _ = standIn;

    const response = await clientWith({ gitlabUrl: standIn.url }).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(requests).toStrictEqual([]);
  });

  it('gets nothing when its name is another', async () => {
    const { standIn, requests } = await startScript([], { tls: elsewhere });
    await using _ = standIn;
    const client = clientWith({ gitlabUrl: standIn.url, ca: elsewhere.cert });

    const response = await client.send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(requests).toStrictEqual([]);
  });
});

describe('what is no TLS server gets nothing', () => {
  it('when it speaks plain HTTP', async () => {
    const { standIn, requests } = await startScript([]);
    await using _ = standIn;
    const gitlabUrl = standIn.url.replace('http:', 'https:');

    const response = await clientWith({ gitlabUrl }).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'ERR_SSL_WRONG_VERSION_NUMBER' });
    expect(requests).toStrictEqual([]);
  });

  it.each(['end', 'resetAndDestroy'] as const)(
    'when it ends the handshake with %s, and is not asked again',
    async (ending) => {
      await using server = await startRawServer((socket) => {
        socket.once('data', () => socket[ending]());
      });
      const client = clientWith({ gitlabUrl: `https://127.0.0.1:${server.port}` });

      const response = await client.send(ROTATE);

      expect(response).toStrictEqual({ kind: 'not-sent', reason: 'ECONNRESET' });
      expect(server.sockets).toHaveLength(1);
    },
  );
});

describe('when the time is over before TLS stands', () => {
  it('does not send the request, not even once TLS stands after all', async () => {
    const { standIn, requests } = await startScript([json(200, {})], { tls: loopback });
    await using _ = standIn;
    const timeouts = holdTimeouts();
    const timeIsOver = Promise.withResolvers<void>();
    const wayIsClosed = Promise.withResolvers<void>();
    await using slowWay = await startRawServer(async (socket) => {
      timeouts.end();
      await timeIsOver.promise;
      const onward = connect(Number(new URL(standIn.url).port), '127.0.0.1');
      onward.once('close', () => wayIsClosed.resolve());
      // A caller that has gone reads no more of it, so the pipe alone would leave it open.
      socket.once('close', () => onward.resume().end());
      socket.pipe(onward).pipe(socket);
    });
    const gitlabUrl = `https://127.0.0.1:${slowWay.port}`;
    const client = clientWith({ gitlabUrl, ca: loopback.cert });

    const response = await client.send(ROTATE);
    timeIsOver.resolve();
    await wayIsClosed.promise;

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'TimeoutError' });
    expect(requests).toStrictEqual([]);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import packageJson from '../../../../package.json' with { type: 'json' };
import { answering, closedPort, startRawServer } from '../../../rig/scripted/raw-server.ts';
import { html, json, startScript } from '../../../rig/scripted/scripted-gitlab.ts';
import { clientAt, clientWith, PROBE, ROTATE } from './client-rig.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a request', () => {
  it('has exactly these headers with a body', async () => {
    const { standIn, requests } = await startScript([json(200, {})]);
    await using _ = standIn;

    await clientWith({ gitlabUrl: standIn.url }).send(ROTATE);

    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v4/personal_access_tokens/self/rotate',
      body: '{"expires_at":"2027-02-20"}',
    });
    expect(requests[0]?.headers).toStrictEqual({
      host: new URL(standIn.url).host,
      connection: 'close',
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: 'Bearer first',
      'content-type': 'application/json',
      'content-length': '27',
      'user-agent': `gitlab-token-rotation/${packageJson.version}`,
    });
  });

  it('is declared as JSON when it writes without a body, for a GitLab in read-only mode', async () => {
    const { standIn, requests } = await startScript([json(200, {})]);
    await using _ = standIn;

    await clientWith({ gitlabUrl: standIn.url }).send({ ...PROBE, method: 'DELETE' });

    expect(requests[0]).toMatchObject({ method: 'DELETE', body: '' });
    expect(requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
  });

  it('declares no body when it reads', async () => {
    const { standIn, requests } = await startScript([json(200, {})]);
    await using _ = standIn;

    await clientWith({ gitlabUrl: standIn.url }).send(PROBE);

    expect(requests[0]).toMatchObject({ method: 'GET', body: '' });
    expect(requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('finds a GitLab under a relative root', async () => {
    const { standIn, requests } = await startScript([json(200, {})]);
    await using _ = standIn;

    await clientWith({ gitlabUrl: `${standIn.url}/tools/gitlab` }).send(PROBE);

    expect(requests[0]?.path).toBe('/tools/gitlab/api/v4/personal_access_tokens/self');
  });

  it('has a connection of its own, even where the server would keep one open', async () => {
    await using server = await startRawServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
    });
    const client = clientAt(server.port);

    await client.send(PROBE);
    await client.send(ROTATE);
    await client.send(PROBE);

    expect(server.sockets).toHaveLength(3);
  });

  it('takes no proxy from the environment', async () => {
    const { standIn } = await startScript([json(200, {})]);
    await using _ = standIn;
    const proxy = `http://127.0.0.1:${await closedPort()}`;
    for (const variable of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) {
      vi.stubEnv(variable, proxy);
    }

    const response = await clientWith({ gitlabUrl: standIn.url }).send(PROBE);

    expect(response).toMatchObject({ kind: 'answered', status: 200 });
  });
});

describe('an answer', () => {
  it.each([200, 201, 204, 400, 401, 429, 500, 503])(
    'of status %i is told whole',
    async (status) => {
      const { standIn } = await startScript([json(status, { id: 4 }, { 'x-request-id': 'abc' })]);
      await using _ = standIn;

      const response = await clientWith({ gitlabUrl: standIn.url }).send(ROTATE);

      expect(response).toMatchObject({
        kind: 'answered',
        status,
        text: status === 204 ? '' : '{"id":4}',
      });
      expect(response.kind === 'answered' && response.header('x-request-id')).toBe('abc');
      expect(response.kind === 'answered' && response.header('retry-after')).toBeUndefined();
    },
  );

  it('tells the first of several headers of a name', async () => {
    const head = 'HTTP/1.1 200 OK\r\nX-Request-Id: one\r\nX-Request-Id: two\r\n';
    await using server = await startRawServer(answering(`${head}Content-Length: 0\r\n\r\n`));

    const response = await clientAt(server.port).send(PROBE);

    expect(response.kind === 'answered' && response.header('x-request-id')).toBe('one');
  });

  it('may come after an interim one', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
    await using server = await startRawServer(
      answering(`${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}`),
    );

    const response = await clientAt(server.port).send(PROBE);

    expect(response).toMatchObject({ kind: 'answered', status: 200, text: '{}' });
  });

  it.each([301, 302, 307, 308])('of status %i leads the token nowhere else', async (status) => {
    const { standIn: other, requests: elsewhere } = await startScript([json(200, {})]);
    await using _other = other;
    const location = `${other.url}/api/v4/personal_access_tokens/self/rotate`;
    const { standIn, requests } = await startScript([html(status, { location })]);
    await using _ = standIn;

    const response = await clientWith({ gitlabUrl: standIn.url }).send(ROTATE);

    expect(response).toMatchObject({ kind: 'answered', status });
    expect(requests).toHaveLength(1);
    expect(elsewhere).toStrictEqual([]);
  });

  it('of status 503 is not asked for again', async () => {
    const { standIn, requests } = await startScript([html(503, { 'retry-after': '0' })]);
    await using _ = standIn;

    await clientWith({ gitlabUrl: standIn.url }).send(ROTATE);

    expect(requests).toHaveLength(1);
  });
});

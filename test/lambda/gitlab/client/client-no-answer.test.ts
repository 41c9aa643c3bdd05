import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { holdTimeouts } from '../../../rig/function/held-timeouts.ts';
import { answering, closedPort, startRawServer } from '../../../rig/scripted/raw-server.ts';
import { startScript } from '../../../rig/scripted/scripted-gitlab.ts';
import { clientAt, clientWith, ROTATE } from './client-rig.ts';

describe('a request is not sent', () => {
  it('when the port is closed', async () => {
    const response = await clientAt(await closedPort()).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'ECONNREFUSED' });
  });

  it.each([-3, 2_500.5])('and nothing is thrown for a time-out of %d', async (timeoutMs) => {
    const response = await clientAt(await closedPort()).send({ ...ROTATE, timeoutMs });

    expect(response).toMatchObject({ kind: 'not-sent' });
  });

  it('when the port is closed on every address of the name', async () => {
    const gitlabUrl = `http://localhost:${await closedPort()}`;

    const response = await clientWith({ gitlabUrl }).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'ECONNREFUSED' });
  });

  it('when the port is closed on an address of IPv6', async () => {
    const gitlabUrl = `http://[::1]:${await closedPort()}`;

    const response = await clientWith({ gitlabUrl }).send(ROTATE);

    expect(response).toStrictEqual({
      kind: 'not-sent',
      // The latter where there is no IPv6 at all.
      reason: expect.stringMatching(/^(ECONNREFUSED|EADDRNOTAVAIL)$/),
    });
  });

  it('when the name does not resolve', async () => {
    const client = clientWith({ gitlabUrl: 'https://gitlab.invalid' });

    const response = await client.send(ROTATE);

    expect(response).toStrictEqual({
      kind: 'not-sent',
      // The latter where there is no DNS at all.
      reason: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    });
  });

  it('when the token cannot stand in a header', async () => {
    const { standIn, requests } = await startScript([]);
    await using _ = standIn;

    const response = await clientWith({ gitlabUrl: standIn.url }).send({
      ...ROTATE,
      token: 'first\r\nX-Second: second',
    });

    expect(response).toStrictEqual({ kind: 'not-sent', reason: 'ERR_INVALID_CHAR' });
    expect(requests).toStrictEqual([]);
  });
});

describe('a request got no answer', () => {
  it('when the connection is reset after it was read', async () => {
    await using server = await startRawServer((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });

    const response = await clientAt(server.port).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'no-answer', reason: 'ECONNRESET' });
    expect(server.sockets).toHaveLength(1);
  });

  it('when the server hangs up', async () => {
    await using server = await startRawServer(answering(''));

    const response = await clientAt(server.port).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'no-answer', reason: 'ECONNRESET' });
    expect(server.sockets).toHaveLength(1);
  });

  it('when the server says nothing', async () => {
    const timeouts = holdTimeouts();
    await using server = await startRawServer((socket) => socket.once('data', timeouts.end));

    const response = await clientAt(server.port).send({ ...ROTATE, timeoutMs: 1_234 });

    expect(response).toStrictEqual({ kind: 'no-answer', reason: 'TimeoutError' });
    expect(timeouts.asked).toEqual([1_234]);
  });

  it('when the body comes so slowly that the call takes too long', async () => {
    const timeouts = holdTimeouts();
    await using server = await startRawServer((socket) => {
      socket.once('data', async () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
        for (let count = 0; count < 20; count += 1) {
          // In each turn of the event loop the client reads what has come.
          await nextTurn();
          socket.write(' ');
        }
        timeouts.end();
      });
    });

    const response = await clientAt(server.port).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'no-answer', reason: 'TimeoutError', status: 200 });
  });

  it('when the body is cut', async () => {
    await using server = await startRawServer(
      answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"token":"succ'),
    );

    const response = await clientAt(server.port).send(ROTATE);

    expect(response).toStrictEqual({
      kind: 'no-answer',
      reason: 'ECONNRESET',
      status: 200,
    });
    expect(server.sockets).toHaveLength(1);
  });

  it('when the body has no end', async () => {
    await using server = await startRawServer((socket) => {
      const pour = () => {
        while (socket.writable && socket.write('a'.repeat(65_536)));
      };
      socket.on('drain', pour).once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n');
        pour();
      });
    });

    const response = await clientAt(server.port).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'no-answer', reason: 'BODY_TOO_LARGE', status: 200 });
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'HPE_INVALID_CONSTANT'],
    [
      'another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      'CLOSED_WITHOUT_ANSWER',
    ],
    [
      'headers without an end',
      `HTTP/1.1 200 OK\r\nX-Long: ${'a'.repeat(65_536)}\r\n\r\n`,
      'HPE_HEADER_OVERFLOW',
    ],
  ])('when the server speaks %s', async (_what, bytes, reason) => {
    await using server = await startRawServer(answering(bytes));

    const response = await clientAt(server.port).send(ROTATE);

    expect(response).toStrictEqual({ kind: 'no-answer', reason });
    expect(server.sockets).toHaveLength(1);
  });
});

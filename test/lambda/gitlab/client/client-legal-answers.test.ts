import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GitLabAccessTokens } from '../../../../lambda/gitlab/access-tokens.ts';
import { GitLabClient } from '../../../../lambda/gitlab/client.ts';
import { PROBED } from '../../../rig/function/probed-token.ts';
import { recordingLog } from '../../../rig/function/recording-log.ts';
import { ACTIVE, ISSUED } from '../../../rig/scripted/gitlab-answers.ts';
import { answering, startRawServer } from '../../../rig/scripted/raw-server.ts';
import {
  after,
  changed,
  chunked,
  encoded,
  gzipInTwo,
  gzipWithName,
  verbatim,
  type Write,
  withHead,
} from './raw-answers.ts';

const MEBIBYTE = 1024 * 1024;
const TIMEOUT_MS = 5_000;

/** What HTTP allows, and what it asks a client to put up with. */
const LEGAL: readonly [what: string, Write][] = [
  ['with nothing special', withHead()],
  ['after 100 Continue', after(['100 Continue'])],
  ['after 102 Processing', after(['102 Processing'])],
  ['after 103 Early Hints', after(['103 Early Hints\r\nLink: </x>; rel=preload'])],
  ['after an interim status that nobody knows', after(['199 Whatever\r\nX-More: 1'])],
  ['after several interim answers', after(['100 Continue', '103 Early Hints', '100 Continue'])],
  ['after an interim answer that closes', after(['103 Early Hints\r\nConnection: close'])],
  ['after an interim answer with a length', after(['100 Continue\r\nContent-Length: 0'])],
  ['in one chunk', chunked({ bytes: MEBIBYTE })],
  ['in chunks of a byte', chunked({ bytes: 1 })],
  ['in chunks with extensions', chunked({ extension: ';name=value;other="quoted; \\"it\\""' })],
  ['in chunks with white space behind their sizes', chunked({ extension: ' ' })],
  ['with trailers', chunked({ trailers: 'X-Checksum: 1\r\nServer-Timing: total;dur=1\r\n' })],
  ['with chunks and a length, which does not count', chunked({ lines: ['Content-Length: 3'] })],
  ['without a reason phrase', verbatim('HTTP/1.1 200 \r\nContent-Length: LENGTH\r\n\r\n')],
  ['with nothing behind its status', verbatim('HTTP/1.1 200\r\nContent-Length: LENGTH\r\n\r\n')],
  [
    'with white space around its length',
    verbatim('HTTP/1.1 200 OK\r\nContent-Length:\t LENGTH \r\n\r\n'),
  ],
  ['with zeros before its length', verbatim('HTTP/1.1 200 OK\r\nContent-Length: 00LENGTH\r\n\r\n')],
  ['in upper case', verbatim('HTTP/1.1 200 OK\r\nCONTENT-LENGTH: LENGTH\r\n\r\n')],
  ['that the end of the connection ends', verbatim('HTTP/1.1 200 OK\r\n\r\n')],
  ['of HTTP/1.0', verbatim('HTTP/1.0 200 OK\r\n\r\n')],
  ['of HTTP/1.0 with a length', verbatim('HTTP/1.0 200 OK\r\nContent-Length: LENGTH\r\n\r\n')],
  ['with bare line feeds', verbatim('HTTP/1.1 200 OK\nContent-Length: LENGTH\n\n')],
  ['after a blank line', verbatim('\r\nHTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n\r\n')],
  ['with a folded header', withHead('X-Folded: one', ' two', '\tthree')],
  ['with an empty header', withHead('X-Empty:')],
  ['with a header in Latin-1', withHead('X-City: M\u00fcnchen')],
  ['with an offer of another protocol', withHead('Upgrade: h2,h2c', 'Connection: Upgrade')],
  ['with a head of 20 KiB', withHead(...Array.from('abcdefghijklmnopqrst', longHeader))],
  [
    'with headers that come twice',
    withHead('Content-Type: a/b', 'Content-Type: c/d', 'Date: x', 'Date: y'),
  ],
  ['as plain text', withHead('Content-Type: text/plain')],
  ['as HTML by name', withHead('Content-Type: text/html')],
  ['as JSON of a vendor', withHead('Content-Type: application/vnd.api+json; version=4')],
  ['of a type that is none', withHead('Content-Type: ;;')],
  ['with a charset', withHead('Content-Type: application/json; charset=utf-8')],
  ['with a charset in quotes', withHead('Content-Type: application/json;charset="UTF-8"')],
  ['with another charset by name', withHead('Content-Type: application/json; charset=utf-16')],
  ['with a charset that nobody knows', withHead('Content-Type: application/json; charset=none')],
  ['with a byte order mark', changed((body) => Buffer.from(`\uFEFF${body}`))],
  ['with white space around it', changed((body) => Buffer.from(` \r\n\t${body}\r\n \n`))],
  [
    'spread over lines',
    changed((body) => Buffer.from(JSON.stringify(JSON.parse(`${body}`), null, 2))),
  ],
  ['with escaped characters', changed((body) => Buffer.from(`${body}`.replaceAll('_', '\\u005f')))],
  ['in gzip', encoded('gzip', gzipSync)],
  ['in gzip by its old name', encoded('x-gzip', gzipSync)],
  ['in gzip in upper case', encoded('GZIP', gzipSync)],
  ['in gzip of two members', encoded('gzip', gzipInTwo)],
  ['in gzip with a name', encoded('gzip', gzipWithName)],
  ['in gzip in chunks', changed(gzipSync, chunked({ lines: ['Content-Encoding: gzip'] }))],
  ['in gzip after 100 Continue', after(['100 Continue'], encoded('gzip', gzipSync))],
  ['in deflate', encoded('deflate', deflateSync)],
  ['in deflate without a wrapper', encoded('deflate', deflateRawSync)],
  ['in br', encoded('br', brotliCompressSync)],
  ['in two codings', encoded('gzip, br', (body) => brotliCompressSync(gzipSync(body)))],
  [
    'in two codings of two headers',
    changed(
      (body) => brotliCompressSync(gzipSync(body)),
      withHead('Content-Encoding: gzip', 'Content-Encoding: br'),
    ),
  ],
  ['in identity', encoded('identity', (body) => body)],
  ['in a coding without a name', encoded('', (body) => body)],
];

describe.each([
  ['at once', answering],
  ['in small pieces', dripping],
])('an answer that comes %s', (_how, serving) => {
  it.each(LEGAL)('%s is read, to the probe and to the rotation', async (_what, write) => {
    const { probe, rotate } = await askBoth(write, serving);

    expect(probe).toMatchObject({ kind: 'active', token: { tokenId: '4', canRotate: true } });
    expect(rotate).toMatchObject({
      kind: 'rotated',
      successor: { token: 'successor-1', tokenId: '5', userId: '3', expiresAt: '2027-02-20' },
    });
  });
});

it.each(['201 Created', '202 Accepted', '203 Non-Authoritative Information', '206 Partial'])(
  'a rotation that is answered with %s is one',
  async (status) => {
    const head = `HTTP/1.1 ${status}\r\nContent-Length: LENGTH\r\n\r\n`;

    const { rotate } = await askBoth(verbatim(head));

    expect(rotate).toMatchObject({ kind: 'rotated', successor: { token: 'successor-1' } });
  },
);

describe.each<[coding: string, encode: (body: Buffer) => Buffer]>([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
])('an answer in %s', (coding, encode) => {
  it('that was cut before it was sent is none, and its status is told', async () => {
    const cut = (body: Buffer) => encode(body).subarray(0, -9);

    const { probe, rotate } = await askBoth(encoded(coding, cut));

    expect(probe).toStrictEqual({ kind: 'unreachable', reason: 'Z_BUF_ERROR', status: 200 });
    expect(rotate).toStrictEqual({ kind: 'unknown', status: 200 });
  });

  it('that grows beyond the bound is none', async () => {
    const bomb = (body: Buffer) => encode(Buffer.concat([body, Buffer.alloc(MEBIBYTE, ' ')]));

    const { probe, rotate } = await askBoth(encoded(coding, bomb));

    expect(probe).toStrictEqual({ kind: 'unreachable', reason: 'BODY_TOO_LARGE', status: 200 });
    expect(rotate).toStrictEqual({ kind: 'unknown', status: 200 });
  });
});

describe('an answer in a coding', () => {
  it.each(['compress', 'zstd', 'gzip, gzip, gzip, gzip', 'gzip;q=1', '__proto__'])(
    'that is not known is none: %s',
    async (coding) => {
      const { probe, rotate } = await askBoth(encoded(coding, gzipSync));

      expect(probe).toStrictEqual({
        kind: 'unreachable',
        reason: 'BODY_ENCODING_UNKNOWN',
        status: 200,
      });
      expect(rotate).toStrictEqual({ kind: 'unknown', status: 200 });
    },
  );

  it('that it does not have is none', async () => {
    const { probe, rotate } = await askBoth(encoded('gzip', (body) => body));

    expect(probe).toStrictEqual({ kind: 'unreachable', reason: 'Z_DATA_ERROR', status: 200 });
    expect(rotate).toStrictEqual({ kind: 'unknown', status: 200 });
  });

  it('says that a token was revoked, also without a body', async () => {
    const gone = 'HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n';
    await using server = await startRawServer(answering(gone));

    expect(await tokensAt(server.port).revoke('first', TIMEOUT_MS)).toBe(true);
  });
});

function longHeader(letter: string): string {
  return `X-Long: ${letter.repeat(1024)}`;
}

/** Sends an answer in some 200 pieces, once a request has come, of one byte or two as a rule. */
function dripping(bytes: Buffer): (socket: Socket) => void {
  const size = Math.ceil(bytes.length / 200);
  return (socket) =>
    socket.setNoDelay(true).once('data', async () => {
      for (let at = 0; at < bytes.length; at += size) {
        await new Promise((resolve) => socket.write(bytes.subarray(at, at + size), resolve));
      }
      socket.end();
    });
}

function tokensAt(port: number): GitLabAccessTokens {
  const gitlabUrl = `http://127.0.0.1:${port}`;
  return new GitLabAccessTokens(new GitLabClient({ gitlabUrl, log: recordingLog() }));
}

async function askBoth(write: Write, serving: typeof dripping = answering) {
  const bytesOf = (body: object) => write(Buffer.from(JSON.stringify(body)));
  await using active = await startRawServer(serving(bytesOf(ACTIVE)));
  await using issued = await startRawServer(serving(bytesOf(ISSUED)));
  return {
    probe: await tokensAt(active.port).probe('first', TIMEOUT_MS),
    rotate: await tokensAt(issued.port).rotate(
      'first',
      { kind: 'token' },
      '2027-02-20',
      TIMEOUT_MS,
      PROBED,
    ),
  };
}

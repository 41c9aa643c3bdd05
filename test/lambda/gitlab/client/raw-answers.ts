import { gzipSync } from 'node:zlib';

/** Writes an answer with this body, byte for byte. */
export type Write = (body: Buffer) => Buffer;

/** `200 OK` with these lines in its head, in Latin-1. */
export function withHead(...lines: readonly string[]): Write {
  return verbatim(['HTTP/1.1 200 OK', ...lines, 'Content-Length: LENGTH', '', ''].join('\r\n'));
}

/** A head written out, in Latin-1, with `LENGTH` for the length of the body. */
export function verbatim(head: string): Write {
  return (body) =>
    Buffer.concat([Buffer.from(head.replace('LENGTH', String(body.length)), 'latin1'), body]);
}

/** Interim answers before one: each its status, reason and headers. */
export function after(interim: readonly string[], write: Write = withHead()): Write {
  const heads = interim.map((head) => `HTTP/1.1 ${head}\r\n\r\n`).join('');
  return (body) => Buffer.concat([Buffer.from(heads), write(body)]);
}

/** A body that was changed on its way. */
export function changed(change: (body: Buffer) => Uint8Array, write: Write = withHead()): Write {
  return (body) => write(Buffer.from(change(body)));
}

/** A body in a content coding, by the name that the header gives it. */
export function encoded(coding: string, encode: (body: Buffer) => Uint8Array): Write {
  return changed(encode, withHead(`Content-Encoding: ${coding}`));
}

export interface Chunks {
  /** @default 7 */
  readonly bytes?: number;
  /** Behind the size of each chunk. @default - none */
  readonly extension?: string;
  /** Lines behind the last chunk. @default - none */
  readonly trailers?: string;
  /** Lines of the head. @default - none */
  readonly lines?: readonly string[];
}

/** A body in chunks. */
export function chunked({ bytes = 7, extension = '', trailers = '', lines = [] }: Chunks): Write {
  const head = ['HTTP/1.1 200 OK', ...lines, 'Transfer-Encoding: chunked', '', ''].join('\r\n');
  return (body) => {
    const parts: Uint8Array[] = [Buffer.from(head)];
    for (let at = 0; at < body.length; at += bytes) {
      const chunk = body.subarray(at, at + bytes);
      const size = `${chunk.length.toString(16).toUpperCase()}${extension}\r\n`;
      parts.push(Buffer.from(size), chunk, Buffer.from('\r\n'));
    }
    return Buffer.concat([...parts, Buffer.from(`0${extension}\r\n${trailers}\r\n`)]);
  };
}

/** Two members, one behind the other: together they are one gzip. */
export function gzipInTwo(body: Buffer): Buffer {
  return Buffer.concat([gzipSync(body.subarray(0, 20)), gzipSync(body.subarray(20))]);
}

/** As the program `gzip` writes a file: with its name, behind the ten bytes of the head. */
export function gzipWithName(body: Buffer): Buffer {
  const bytes = gzipSync(body);
  const head = Buffer.from(bytes.subarray(0, 10)).fill(0x08, 3, 4);
  return Buffer.concat([head, Buffer.from('answer.json\0'), bytes.subarray(10)]);
}

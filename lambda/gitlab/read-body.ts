import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** Far more than any answer that is read here. */
const LARGEST_BODY = 1024 * 1024;
/** Each costs up to the largest body. */
const MOST_CODINGS = 3;

type Decode = (bytes: Uint8Array) => Uint8Array;

const BOUND = { maxOutputLength: LARGEST_BODY } as const;
const gunzip: Decode = (bytes) => gunzipSync(bytes, BOUND);

/** By the names of RFC 9110, section 8.4.1. */
const DECODERS: ReadonlyMap<string, Decode> = new Map([
  ['identity', (bytes) => bytes],
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', (bytes) => brotliDecompressSync(bytes, BOUND)],
]);

/**
 * Reads a whole body of UTF-8, and gives up on a longer one at the limit. Bytes that are no UTF-8
 * become U+FFFD, since a stray one elsewhere must not cost a token. The charset that the answer
 * names is ignored: JSON is UTF-8, and a token is ASCII, which is the same in all charsets.
 *
 * @param contentEncoding - the header, which is obeyed although this client asks for no coding
 * @throws {BodyError} BODY_TOO_LARGE, BODY_ENCODING_UNKNOWN, or what the stream or zlib throws
 */
export async function readBody(
  stream: AsyncIterable<Uint8Array>,
  contentEncoding = '',
): Promise<string> {
  const body = await readBytes(stream);
  // A proxy that compresses everything names its coding even without a body.
  return body.length === 0 ? '' : new TextDecoder().decode(decoded(body, contentEncoding));
}

async function readBytes(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > LARGEST_BODY) {
      throw new BodyError('BODY_TOO_LARGE');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The codings stand in the order in which they were applied. */
function decoded(body: Uint8Array, contentEncoding: string): Uint8Array {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (codings.length > MOST_CODINGS) {
    throw new BodyError('BODY_ENCODING_UNKNOWN');
  }
  return codings.reduceRight<Uint8Array>((bytes, coding) => {
    const decode = DECODERS.get(coding);
    if (decode === undefined) {
      throw new BodyError('BODY_ENCODING_UNKNOWN');
    }
    return withinBound(decode, bytes);
  }, body);
}

function withinBound(decode: Decode, bytes: Uint8Array): Uint8Array {
  try {
    return decode(bytes);
  } catch (error) {
    const tooLarge = Object(error).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLarge ? new BodyError('BODY_TOO_LARGE') : error;
  }
}

/** In a zlib wrapper, as it should be, or bare, as some servers send it. */
function inflate(bytes: Uint8Array): Uint8Array {
  const isWrapped = (Number(bytes[0]) & 0x0f) === 8;
  return isWrapped ? inflateSync(bytes, BOUND) : inflateRawSync(bytes, BOUND);
}

/** A body that no GitLab sends. */
class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly code: 'BODY_TOO_LARGE' | 'BODY_ENCODING_UNKNOWN';

  constructor(code: BodyError['code']) {
    super();
    this.code = code;
  }
}

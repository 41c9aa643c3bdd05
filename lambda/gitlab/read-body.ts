/** No answer that this project reads is longer than some thousand bytes. */
const LARGEST_BODY = 1024 * 1024;

/**
 * Reads a whole body of UTF-8, and of a longer one no more than the limit. Bytes
 * that are none become U+FFFD: a stray one elsewhere must not cost a token.
 *
 * @throws {BodyError} BODY_TOO_LARGE, or what the stream throws
 */
export async function readBody(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > LARGEST_BODY) {
      throw new BodyError();
    }
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** A body that no GitLab sends. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly code = 'BODY_TOO_LARGE';
}

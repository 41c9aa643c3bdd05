import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../../../lambda/gitlab/read-body.ts';

const MEBIBYTE = 1024 * 1024;

describe(readBody, () => {
  it('puts a character together whose bytes come apart', async () => {
    const bytes = Buffer.from('{"name":"Schlüssel"}');
    const middle = bytes.indexOf('ü') + 1;
    const stream = Readable.from([bytes.subarray(0, middle), bytes.subarray(middle)]);

    expect(await readBody(stream)).toBe('{"name":"Schlüssel"}');
  });

  it('is empty for an empty body', async () => {
    expect(await readBody(Readable.from([]))).toBe('');
  });

  it('reads a body of a mebibyte', async () => {
    expect(await readBody(Readable.from([Buffer.alloc(MEBIBYTE, 'a')]))).toHaveLength(MEBIBYTE);
  });

  it('reads no further in a body that is longer, and lets it go', async () => {
    let taken = 0;
    const stream = Readable.from(
      (function* longer() {
        while (taken < 16 * MEBIBYTE) {
          taken += MEBIBYTE / 4;
          yield Buffer.alloc(MEBIBYTE / 4, 'a');
        }
      })(),
      { highWaterMark: 1 },
    );

    const reading = readBody(stream);

    await expect(reading).rejects.toMatchObject({ name: 'BodyError', code: 'BODY_TOO_LARGE' });
    expect(taken).toBeLessThan(2 * MEBIBYTE);
    expect(stream.destroyed).toBe(true);
  });

  it('keeps what is readable around bytes that are not UTF-8', async () => {
    const stream = Readable.from([Buffer.from([0x22, 0xff, 0x22])]);

    expect(await readBody(stream)).toBe('"\uFFFD"');
  });

  it('passes on what the stream fails with', async () => {
    const stream = Readable.from(
      (async function* broken() {
        yield Buffer.from('{"tok');
        throw new RangeError('cut');
      })(),
    );

    await expect(readBody(stream)).rejects.toBeInstanceOf(RangeError);
  });
});

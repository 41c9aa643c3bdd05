import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { User } from './model.ts';

/**
 * Makes the value of a token in GitLab's routable form: prefix, base64url of
 * random bytes with organization and user, version `01`, length and CRC-32
 * (`lib/authn/token_field/generator/routable_token.rb`). 51 characters with
 * the usual prefix and small ids.
 */
export function routableValue(prefix: string, user: User): string {
  const payload = Buffer.from(`o:1\nu:${base36(user.id)}`);
  const encoded = Buffer.concat([randomBytes(16), payload, Buffer.of(payload.length)]).toString(
    'base64url',
  );
  const checked = `${prefix}${encoded}.01.${base36(encoded.length, 2)}`;
  return `${checked}${base36(crc32(checked), 7)}`;
}

function base36(value: number, width = 1): string {
  return value.toString(36).padStart(width, '0');
}

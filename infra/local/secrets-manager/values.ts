import { invalidParameter, invalidRequest } from './errors.ts';
import type { RequestFields } from './request.ts';
import type { Tag } from './state.ts';
import type { SecretValue } from './versions.ts';

const MAX_VALUE_BYTES = 65_536;

/**
 * The id of the version to be made. The SDK adds it by itself; raw calls must bring it.
 *
 * @param missing RotateSecret refuses its absence as another exception than the rest
 * @throws {Refusal} InvalidParameterException, or what `missing` makes
 */
export function requestToken(fields: RequestFields, missing = invalidRequest): string {
  const token = fields.text('ClientRequestToken');
  if (token === undefined) {
    throw missing('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
  }
  if (token.length < 32 || token.length > 64) {
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
  }
  return token;
}

/**
 * SecretString or SecretBinary.
 *
 * @throws {Refusal} InvalidParameterException for both, for an empty and for a too large value
 */
export function requestedValue(fields: RequestFields): SecretValue | undefined {
  const text = fields.text('SecretString');
  const base64 = fields.text('SecretBinary');
  if (text !== undefined && base64 !== undefined) {
    throw invalidParameter('You can specify SecretString or SecretBinary, not both.');
  }
  const bytes = base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
  if (text === undefined && base64 === undefined) {
    return undefined;
  }
  if (bytes.length < 1 || bytes.length > MAX_VALUE_BYTES) {
    throw invalidParameter(`A secret value must have 1 to ${MAX_VALUE_BYTES} bytes.`);
  }
  return text === undefined
    ? { kind: 'binary', text: bytes.toString('base64') }
    : { kind: 'string', text };
}

/** The member Tags; none for a call without it. */
export function requestedTags(fields: RequestFields): readonly Tag[] {
  return (fields.objects('Tags') ?? []).map((tag) => ({
    key: tag.requiredText('Key'),
    value: tag.text('Value') ?? '',
  }));
}

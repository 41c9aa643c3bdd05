import { invalidParameter, invalidRequest, Refusal, tooLong } from '../state/errors.ts';
import type { SecretValue } from '../state/versions.ts';
import type { RequestFields } from './request.ts';

const MAX_VALUE_BYTES = 65_536;
const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;

/**
 * The name of a secret to be made.
 *
 * @throws {Refusal} ValidationException
 */
export function secretName(fields: RequestFields): string {
  return checked(fields.requiredText('Name', 512));
}

/**
 * The name or ARN of a secret.
 *
 * @throws {Refusal} ValidationException for what is neither
 */
export function secretId(fields: RequestFields): string {
  const id = fields.requiredText('SecretId', 2048);
  return id.startsWith('arn:') ? id : checked(id);
}

function checked(name: string): string {
  if (!NAME.test(name)) {
    throw new Refusal(
      'ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
  }
  return name;
}

/**
 * The id of the version to be made. The SDK adds it by itself; raw calls must bring it.
 *
 * @param missing RotateSecret refuses its absence as another exception than the rest
 * @throws {Refusal} InvalidParameterException, ValidationException, or what `missing` makes
 */
export function requestToken(fields: RequestFields, missing = invalidRequest): string {
  const token = fields.text('ClientRequestToken', { min: 0, max: 64 });
  if (token === undefined) {
    throw missing('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
  }
  if (token.length < 32) {
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
  }
  return token;
}

/** The only partner whose secrets are played here. */
const MANAGED_TYPE = 'GitLabAccessToken';

/**
 * The partner of a managed external secret. That AWS refuses other texts is likely, and as what is unknown.
 *
 * @throws {Refusal} InvalidParameterException
 */
export function secretType(fields: RequestFields): string | undefined {
  const type = fields.text('Type');
  if (type !== undefined && type !== MANAGED_TYPE) {
    throw invalidParameter(`Type is played here for ${MANAGED_TYPE} only.`);
  }
  return type;
}

/**
 * SecretString or SecretBinary.
 *
 * @throws {Refusal} InvalidParameterException for both and for an empty value, ValidationException
 * for a too large one
 */
export function requestedValue(fields: RequestFields): SecretValue | undefined {
  const text = fields.text('SecretString', { min: 0, max: MAX_VALUE_BYTES });
  const base64 = fields.text('SecretBinary');
  if (text !== undefined && base64 !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  const bytes = base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
  if (text === undefined && base64 === undefined) {
    return undefined;
  }
  if (bytes.length > MAX_VALUE_BYTES) {
    throw tooLong(text === undefined ? 'SecretBinary' : 'SecretString', MAX_VALUE_BYTES);
  }
  if (bytes.length < 1) {
    throw invalidParameter(`A secret value must have 1 to ${MAX_VALUE_BYTES} bytes.`);
  }
  return text === undefined
    ? { kind: 'binary', text: bytes.toString('base64') }
    : { kind: 'string', text };
}

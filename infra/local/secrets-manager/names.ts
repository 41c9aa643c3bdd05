import { Refusal } from './errors.ts';
import type { RequestFields } from './request.ts';

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

import type { RotationError } from '../failure.ts';
import type { RotationSettings } from '../ports/ports.ts';
import { isJson, malformed } from './secret-members.ts';
import type { SecretValue } from './secret-value.ts';

/**
 * What is wrong with a value without a standby where the function is told that
 * two tokens alternate: rotated as one token, it would leave consumers with a
 * dead one for a moment, and nobody would know why.
 *
 * Asked of what is to be rotated, and of nothing that is only read: versions in
 * which a successor is looked for, and the recovery secret.
 *
 * @returns SECRET_MALFORMED, whose `missing` is `standby`, and `form` that of the secret
 */
export function missingStandby(
  secretString: string,
  { standby }: SecretValue,
  { alternatingTokens }: RotationSettings,
): RotationError | undefined {
  if (alternatingTokens !== true || standby !== undefined) {
    return undefined;
  }
  const [form, reason] = isJson(secretString)
    ? ['json', 'the member "standby" is missing']
    : ['plain-text', 'the secret is plain text, which has no room for a standby'];
  return malformed(`${reason}, and ALTERNATING_TOKENS asks for one`).withDetails({
    missing: 'standby',
    form: String(form),
  });
}

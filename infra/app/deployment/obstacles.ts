import type { SecretSettings } from '../settings/secret.ts';
import { readSecretStates } from './secret-state.ts';
import { shellWord } from './shell.ts';

/**
 * Secrets that would be created, and are there already, such as those that stayed when an earlier
 * deployment removed them. What may not be read is left to CloudFormation.
 *
 * @param names of the secrets that are new in the stack
 * @returns a line for each, with its path in rotation.json
 */
export async function existingSecrets(
  secrets: readonly SecretSettings[],
  names: readonly string[],
  aws: { readonly region: string; readonly profile: string | undefined },
): Promise<readonly string[]> {
  const created = secrets.filter(({ name, create }) => create && names.includes(name ?? ''));
  const states = await readSecretStates(created, aws);
  return states
    .filter(({ error }) => error === undefined)
    .map(({ name, settings, isDeleted }) => {
      const restore = `aws secretsmanager restore-secret --secret-id ${shellWord(name)}`;
      const first = isDeleted ? ` It will be deleted; keep it first: ${restore}` : '';
      return `secrets[${secrets.indexOf(settings)}].create must not be true: the secret ${name} exists already. Take create away.${first}`;
    });
}

import { type SecretSettings, secretNameOf } from '../settings/secret.ts';
import { readSecretStates, type SecretAccess } from './secret-state.ts';
import { shellWord } from './shell.ts';

/** What a deployment would create, by the names of the secrets. */
export interface NewResources {
  readonly secrets: readonly string[];
  readonly schedules: readonly string[];
}

interface Aws extends SecretAccess {
  /** Of the AWS CLI, for commands. */
  readonly profile: string | undefined;
}

/** What stands in the way of a deployment: a line for each, with its path in rotation.json. */
export async function obstaclesOf(
  secrets: readonly SecretSettings[],
  created: NewResources,
  aws: Aws,
): Promise<readonly string[]> {
  return [
    ...(await existingSecrets(secrets, created.secrets, aws)),
    ...(await rotatedSecrets(secrets, created.schedules, aws)),
  ];
}

/**
 * Secrets that would be created, and are there already, such as those that stayed when an earlier
 * deployment removed them. What may not be read is left to CloudFormation.
 *
 * @param names of the secrets that are new in the stack
 */
async function existingSecrets(
  secrets: readonly SecretSettings[],
  names: readonly string[],
  aws: Aws,
): Promise<readonly string[]> {
  const created = secrets.filter(({ name, create }) => create && names.includes(name ?? ''));
  const states = await readSecretStates(created, aws);
  return states
    .filter(({ error }) => error === undefined)
    .map(({ name, settings, isDeleted }) => {
      const cli = aws.profile === undefined ? 'aws' : `aws --profile ${shellWord(aws.profile)}`;
      const restore = `${cli} secretsmanager restore-secret --secret-id ${shellWord(name)}`;
      const first = isDeleted
        ? `It is scheduled for deletion; keep it first: ${restore}\nThen take`
        : 'Take';
      return `secrets[${secrets.indexOf(settings)}].create must not be true: the secret ${name} exists already. ${first} create away.`;
    });
}

/**
 * Secrets that get a schedule here, and have one already: of another stack or by hand.
 * CloudFormation does not look; and when the other schedule is deleted later, rotation ends here too.
 *
 * @param names of the secrets whose schedule is new in the stack
 */
async function rotatedSecrets(
  secrets: readonly SecretSettings[],
  names: readonly string[],
  aws: Aws,
): Promise<readonly string[]> {
  const scheduled = secrets.filter((each) => !each.create && names.includes(secretNameOf(each)));
  const states = await readSecretStates(scheduled, aws);
  return states
    .filter(({ isRotated }) => isRotated === true)
    .map(
      ({ name, settings }) =>
        `secrets[${secrets.indexOf(settings)}]: the secret ${name} is rotated already. If another stack made its schedule, remove it there first (infra/operations.md, Moving in and out): removed later, it would switch rotation off here. If no stack made it: npm run deploy -- --allow-replacement`,
    );
}

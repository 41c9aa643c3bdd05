import {
  DescribeSecretCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import { type SecretSettings, secretNameOf } from '../settings/secret.ts';

/** What Secrets Manager says of a secret. */
export interface SecretState {
  readonly name: string;
  readonly settings: SecretSettings;
  /** Undefined when it could not be read. */
  readonly isRotated: boolean | undefined;
  readonly hasValue: boolean | undefined;
  readonly wasRotated: boolean | undefined;
  /** Whether it is only kept until its recovery window ends. */
  readonly isDeleted?: boolean;
  /** The name of the error when it could not be read, such as AccessDeniedException. */
  readonly error?: string;
}

/** Where the secrets are, and as whom they are read. */
export interface SecretAccess {
  readonly region: string;
  readonly credentials: NonNullable<SecretsManagerClientConfig['credentials']>;
}

/** Reads one secret after the other: 200 at once would be throttled. */
export async function readSecretStates(
  secrets: readonly SecretSettings[],
  { region, credentials }: SecretAccess,
): Promise<readonly SecretState[]> {
  const client = new SecretsManagerClient({ region, credentials });
  const states: SecretState[] = [];
  for (const settings of secrets) {
    states.push(await readSecretState(client, settings));
  }
  client.destroy();
  return states;
}

async function readSecretState(
  client: SecretsManagerClient,
  settings: SecretSettings,
): Promise<SecretState> {
  const name = secretNameOf(settings);
  try {
    const command = new DescribeSecretCommand({ SecretId: settings.arn ?? name });
    const {
      RotationEnabled,
      VersionIdsToStages = {},
      LastRotatedDate,
      DeletedDate,
    } = await client.send(command);
    return {
      name,
      settings,
      isRotated: RotationEnabled === true,
      hasValue: Object.values(VersionIdsToStages).some((stages) => stages.includes('AWSCURRENT')),
      wasRotated: LastRotatedDate !== undefined,
      isDeleted: DeletedDate !== undefined,
    };
  } catch (error) {
    const unknown = { isRotated: undefined, hasValue: undefined, wasRotated: undefined };
    return { name, settings, ...unknown, error: error instanceof Error ? error.name : 'error' };
  }
}

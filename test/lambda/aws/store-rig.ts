import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { AwsSecretStore } from '../../../lambda/aws/secret-store.ts';
import { recordingLog } from '../../rig/function/recording-log.ts';
import { stubAwsEnv } from '../../rig/scripted/scripted-aws.ts';

export const CURRENT = '11111111-0000-4000-8000-000000000001';
export const PENDING = '22222222-0000-4000-8000-000000000002';
export const OTHER = '33333333-0000-4000-8000-000000000003';
export const ROTATION_TOKEN = 'rotation-token-'.repeat(3);
export const TIMEOUT_MS = 5_000;

export const REQUEST = { secretId: 'app/token', versionId: PENDING };
/** What an answer to a put holds, and of an answer to a read, too. */
export const REPLY = { ARN: 'arn', Name: 'app/token', VersionId: PENDING };
export const VALUE = { ...REPLY, SecretString: 'first', VersionStages: ['AWSPENDING'] };

/** The store as the function builds it, on a server on loopback. */
export function storeAt({ url }: { readonly url: string }, log = recordingLog()): AwsSecretStore {
  stubAwsEnv(url);
  return new AwsSecretStore({ log });
}

/** A secret whose version CURRENT is current; with an empty value, one that never had a version. */
export async function withSecret(
  secretsManager: SecretsManager,
  value: { SecretString?: string; SecretBinary?: Uint8Array } = { SecretString: 'first' },
): Promise<{ readonly store: AwsSecretStore; readonly client: SecretsManagerClient }> {
  const store = storeAt(secretsManager);
  const client = new SecretsManagerClient({});
  await client.send(
    new CreateSecretCommand({ Name: 'app/token', ClientRequestToken: CURRENT, ...value }),
  );
  return { store, client };
}

import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { FUNCTION_ARN, type Rig, type Script } from '../../../rig/local/secrets-manager-rig.ts';

/**
 * The least that a rotation function must do: puts the successor of the current value, `first`
 * → `successor-1` → `successor-2`, and promotes it.
 */
export function rotates({ functionClient }: Pick<Rig, 'functionClient'>): Script {
  return async ({ Step, SecretId, ClientRequestToken, RotationToken }) => {
    const current = await functionClient.send(new GetSecretValueCommand({ SecretId }));
    if (Step === 'createSecret') {
      const [, count = '0'] = /-(\d+)$/.exec(current.SecretString ?? '') ?? [];
      await functionClient.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken,
          RotationToken,
          SecretString: `successor-${Number(count) + 1}`,
          VersionStages: ['AWSPENDING'],
        }),
      );
    }
    if (Step === 'finishSecret') {
      await functionClient.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: ClientRequestToken,
          RemoveFromVersionId: current.VersionId,
        }),
      );
    }
  };
}

/** A secret named `token` whose first version, `v1`, holds `first`. */
export async function createSecret({ client }: Rig): Promise<void> {
  await client.send(
    new CreateSecretCommand({
      Name: 'token',
      SecretString: 'first',
      ClientRequestToken: versionId('v1'),
    }),
  );
}

/** Puts a value as a version of that name; the value is the name as well. */
export async function put({ client }: Rig, name: string, ...labels: string[]): Promise<void> {
  await client.send(
    new PutSecretValueCommand({
      SecretId: 'token',
      SecretString: name,
      ClientRequestToken: versionId(name),
      ...(labels.length > 0 && { VersionStages: labels }),
    }),
  );
}

/** Moves `AWSCURRENT` from one named version to the other. */
export async function promote({ client }: Rig, to: string, from: string): Promise<void> {
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: 'token',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: versionId(to),
      RemoveFromVersionId: versionId(from),
    }),
  );
}

/** VersionIdsToStages as DescribeSecret tells it, with the names of the versions as keys. */
export async function labels({ client }: Rig): Promise<Record<string, readonly string[]>> {
  const { VersionIdsToStages = {} } = await client.send(
    new DescribeSecretCommand({ SecretId: 'token' }),
  );
  return Object.fromEntries(
    Object.entries(VersionIdsToStages).map(([id, stages]) => [id.split('-')[0] ?? '', stages]),
  );
}

/** What the SDK throws for a call that is refused with HTTP 400. */
export function refusal(name: string, message?: string) {
  return {
    name,
    ...(message !== undefined && { message }),
    $metadata: { httpStatusCode: 400 },
  };
}

/** The refusal of a name or ARN that no secret has. */
export const UNKNOWN_SECRET = refusal(
  'ResourceNotFoundException',
  "Secrets Manager can't find the specified secret.",
);

/** The refusal of another value under an id that has one. */
export function tokenInUse(id: string, arn: string) {
  return refusal(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${arn}.`,
  );
}

/** Asks for a rotation of the secret by the function, every 30 days from now on. */
export async function rotate(
  { client }: Rig,
  options: Partial<RotateSecretCommandInput> = {},
): Promise<string> {
  const { VersionId = '' } = await client.send(
    new RotateSecretCommand({
      SecretId: 'token',
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 30 },
      ...options,
    }),
  );
  return VersionId;
}

/** The names of the CloudTrail events so far. */
export function eventNames({ secretsManager }: Rig): readonly string[] {
  return secretsManager.events.map(({ eventName }) => eventName);
}

/** A version id that a reader recognises: the name, filled up to the length that AWS demands. */
export function versionId(name: string): string {
  return `${name}-`.padEnd(36, '0');
}

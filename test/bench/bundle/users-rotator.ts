// A rotator as a user would write it: after AWS's template and GitLab's manual, with a client from
// npm for each service. Like test/rig/stage/textbook-rotator.ts, except for the clients.

import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { Gitlab } from '@gitbeaker/rest';

interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

interface Secret {
  readonly token: string;
  readonly projectId: string;
}

type Stages = Readonly<Record<string, readonly string[]>>;

const LIFETIME_DAYS = 90;

const secretsManager = new SecretsManagerClient();
const sns = new SNSClient();

export async function handler(event: RotationEvent): Promise<void> {
  try {
    await rotate(event);
  } catch (error) {
    const Message = `${event.Step} of ${event.SecretId} failed: ${error}`;
    const TopicArn = process.env['FAILURE_TOPIC_ARN'];
    await sns.send(new PublishCommand({ TopicArn, Subject: 'Rotation failed', Message }));
    throw error;
  }
}

async function rotate(event: RotationEvent): Promise<void> {
  const { SecretId, ClientRequestToken: versionId } = event;
  const { RotationEnabled, VersionIdsToStages: stages = {} } = await secretsManager.send(
    new DescribeSecretCommand({ SecretId }),
  );
  if (!RotationEnabled || stages[versionId] === undefined) {
    throw new Error('the secret is not enabled for rotation, or the version is not known');
  }
  if (stages[versionId].includes('AWSCURRENT')) {
    return;
  }
  switch (event.Step) {
    case 'createSecret':
      return createSecret(event);
    case 'setSecret':
      return;
    case 'testSecret':
      return testSecret(event);
    case 'finishSecret':
      return finishSecret(event, stages);
    default:
      throw new Error('unknown step');
  }
}

async function createSecret({ SecretId, ClientRequestToken }: RotationEvent): Promise<void> {
  try {
    await readSecret({ SecretId, VersionId: ClientRequestToken, VersionStage: 'AWSPENDING' });
    return;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) {
      throw error;
    }
  }
  const current = await readSecret({ SecretId, VersionStage: 'AWSCURRENT' });
  const expiresAt = new Date(Date.now() + LIFETIME_DAYS * 86_400_000).toISOString().slice(0, 10);
  const { token, id } = await gitlabAs(current).ProjectAccessTokens.rotate(
    current.projectId,
    'self',
    { expiresAt },
  );
  await secretsManager.send(
    new PutSecretValueCommand({
      SecretId,
      ClientRequestToken,
      SecretString: JSON.stringify({ ...current, token, tokenId: String(id) }),
      VersionStages: ['AWSPENDING'],
    }),
  );
}

async function testSecret({ SecretId, ClientRequestToken }: RotationEvent): Promise<void> {
  const VersionStage = 'AWSPENDING';
  const pending = await readSecret({ SecretId, VersionId: ClientRequestToken, VersionStage });
  await gitlabAs(pending).PersonalAccessTokens.show();
}

async function finishSecret(
  { SecretId, ClientRequestToken }: RotationEvent,
  stages: Stages,
): Promise<void> {
  const current = Object.keys(stages).find((id) => stages[id]?.includes('AWSCURRENT'));
  await secretsManager.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId: current,
    }),
  );
}

async function readSecret(
  input: ConstructorParameters<typeof GetSecretValueCommand>[0],
): Promise<Secret> {
  const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand(input));
  return JSON.parse(SecretString);
}

/** GitLab takes an access token as a Bearer, too, and the local GitLab only so. */
function gitlabAs({ token }: Secret) {
  return new Gitlab({ host: String(process.env['GITLAB_URL']), oauthToken: token });
}

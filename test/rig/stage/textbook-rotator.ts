// The textbook rotator, for comparison: what one writes after AWS's template and GitLab's manual.
// It rotates, then stores; tries again on a network error or a 5xx; and asks nothing first.

import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

interface Secret {
  readonly token: string;
  readonly projectId: string;
}

const ATTEMPTS = 3;
const LIFETIME_DAYS = 90;
const GITLAB_API = `${process.env['GITLAB_URL']}/api/v4`;

const secretsManager = new SecretsManagerClient();

export async function handler(event: RotationEvent): Promise<void> {
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
  const project = encodeURIComponent(current.projectId);
  const { token, id } = (await callGitLab(
    'POST',
    `/projects/${project}/access_tokens/self/rotate`,
    current.token,
    {
      expires_at: new Date(Date.now() + LIFETIME_DAYS * 86_400_000).toISOString().slice(0, 10),
    },
  )) as { token: string; id: number };
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
  const pending = await readSecret({
    SecretId,
    VersionId: ClientRequestToken,
    VersionStage: 'AWSPENDING',
  });
  await callGitLab('GET', '/personal_access_tokens/self', pending.token);
}

async function finishSecret(
  { SecretId, ClientRequestToken }: RotationEvent,
  stages: Readonly<Record<string, readonly string[]>>,
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

async function callGitLab(
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(`${GITLAB_API}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.ok) {
        return await response.json();
      }
      if (response.status < 500) {
        throw new Refused(`GitLab answered ${response.status}`);
      }
      throw new Error(`GitLab answered ${response.status}`);
    } catch (error) {
      if (error instanceof Refused || attempt === ATTEMPTS) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, attempt * 1000));
    }
  }
}

/** What another attempt would not change. */
class Refused extends Error {}

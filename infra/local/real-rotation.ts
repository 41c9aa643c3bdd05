import { join } from 'node:path';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type Cloud, startCloud } from './cloud.ts';
import type { RotationOutcome, RotationProgress } from './rotation-run.ts';
import type { SecretSnapshot } from './secrets-manager-snapshot.ts';

/** Outside of version control; the secrets in it are real. */
export const STATE_FILE = join(import.meta.dirname, '..', '..', '.local', 'secrets.json');

/** The function's variables that a person may set for a GitLab of their own. */
const PASSED_ON = [
  'TOKEN_LIFETIME_DAYS',
  'GITLAB_CA_FILE',
  'HTTPS_PROXY',
  'https_proxy',
  'NO_PROXY',
  'no_proxy',
] as const;

export interface RealRotationProps {
  /** Number or full path. */
  readonly project: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Tells what is about to happen. @returns whether to go on */
  readonly confirm: (plan: Plan) => Promise<boolean>;
  readonly onProgress: (progress: RotationProgress) => void;
  /** @default STATE_FILE */
  readonly stateFile?: string;
}

/** What is about to happen, for the person who must agree. */
export interface Plan {
  readonly gitlabUrl: string;
  readonly project: string;
  readonly secretName: string;
  readonly stateFile: string;
  /** Where the token comes from that will rotate, and die. */
  readonly source: 'environment' | 'state file' | 'unfinished rotation';
}

export interface RealRotationResult {
  readonly outcome: RotationOutcome['kind'];
  readonly plan: Plan;
}

/**
 * Rotates a real token of a real GitLab with the local Secrets Manager as the
 * store, which keeps every version in a file: the next run rotates the successor.
 *
 * @throws {Error} when GITLAB_URL or the token is missing
 * @returns undefined when the person did not agree; nothing has happened then
 */
export async function rotateRealToken(
  props: RealRotationProps,
): Promise<RealRotationResult | undefined> {
  const { project, env, stateFile = STATE_FILE } = props;
  const gitlabUrl = env['GITLAB_URL']?.trim().replace(/\/+$/, '');
  if (gitlabUrl === undefined || gitlabUrl === '') {
    throw new Error('GITLAB_URL is missing: it must be like https://gitlab.example.com');
  }
  await using cloud = await startCloud({
    gitlabUrl,
    stateFile,
    // A person is watching, and decides about another attempt.
    maxAttempts: 1,
    environment: Object.fromEntries(
      PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])),
    ),
  });
  const secretName = nameFor(gitlabUrl, project);
  const token = env['GITLAB_TOKEN']?.trim();
  const source = sourceOf(findSecret(cloud, secretName), token);
  const plan = { gitlabUrl, project, secretName, stateFile, source };
  if (!(await props.confirm(plan))) {
    return undefined;
  }
  if (source === 'environment') {
    await store(cloud, plan, token ?? '');
  }
  return { outcome: await rotate(cloud, plan, props.onProgress), plan };
}

/** One secret per GitLab and project; a name holds no other characters than these. */
function nameFor(gitlabUrl: string, project: string): string {
  return `${new URL(gitlabUrl).host}/${project}`.replace(/[^A-Za-z0-9/_+=.@!-]/g, '-');
}

function findSecret(
  { secretsManager }: Pick<Cloud, 'secretsManager'>,
  secretName: string,
): SecretSnapshot | undefined {
  try {
    return secretsManager.snapshot(secretName);
  } catch {
    return undefined;
  }
}

/** A token that the secret has held before is dead by now: then its successor is meant. */
function sourceOf(secret: SecretSnapshot | undefined, token: string | undefined): Plan['source'] {
  if (token !== undefined && token !== '') {
    const known = secret?.versions.some(({ value }) => value !== undefined && holds(value, token));
    if (!known) {
      return 'environment';
    }
  }
  if (secret === undefined) {
    throw new Error('GITLAB_TOKEN is missing: no earlier run has left a token for this project');
  }
  const isUnfinished = secret.versions.some(
    ({ labels }) => labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT'),
  );
  return isUnfinished ? 'unfinished rotation' : 'state file';
}

function holds(secretString: string, token: string): boolean {
  const { token: held } = JSON.parse(secretString) as { readonly token?: unknown };
  return held === token;
}

/** Makes a person's token the current one. What was there stays in the file, without its labels. */
async function store({ operator, secretsManager }: Cloud, plan: Plan, token: string) {
  const { secretName, project } = plan;
  const SecretString = JSON.stringify({ token, projectId: project });
  if (findSecret({ secretsManager }, secretName) === undefined) {
    await operator.send(new CreateSecretCommand({ Name: secretName, SecretString }));
    return;
  }
  await operator.send(new PutSecretValueCommand({ SecretId: secretName, SecretString }));
  for (const { versionId, labels } of secretsManager.snapshot(secretName).versions) {
    if (labels.includes('AWSPENDING')) {
      await operator.send(
        new UpdateSecretVersionStageCommand({
          SecretId: secretName,
          VersionStage: 'AWSPENDING',
          RemoveFromVersionId: versionId,
        }),
      );
    }
  }
}

async function rotate(
  { operator, secretsManager, lambda }: Cloud,
  { secretName, source }: Plan,
  onProgress: (progress: RotationProgress) => void,
): Promise<RotationOutcome['kind']> {
  const stop = secretsManager.onRotation(onProgress);
  if (source === 'unfinished rotation') {
    secretsManager.reattemptRotation(secretName);
  } else {
    await operator.send(
      new RotateSecretCommand({ SecretId: secretName, RotationLambdaARN: lambda.functionArn }),
    );
  }
  const outcome = await secretsManager.rotationEnded(secretName);
  stop();
  return outcome?.kind ?? 'failed';
}

import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { alertsOf, type Cloud, type CloudProps, startCloud } from '../cloud/cloud.ts';
import type { Watcher } from '../demo/rotation.ts';
import type { RotationOutcome } from '../secrets-manager/rotation/run.ts';
import type { SecretSnapshot } from '../secrets-manager/state/snapshot.ts';
import { type AlertSummary, summaryOf } from './alert-summary.ts';
import { readGitLabUrl } from './gitlab-url.ts';
import { readProxySettings } from './proxy-settings.ts';

/** Outside of version control; the secrets in it are real. */
const STATE_FILE = join(import.meta.dirname, '..', '..', '..', '.local', 'secrets.json');

/** The function's variables that a person may set for a GitLab of their own, beside those of a proxy. */
const PASSED_ON = ['TOKEN_LIFETIME_DAYS', 'GITLAB_CA_FILE'] as const;

export interface RealRotationProps {
  /** Number or full path. */
  readonly project: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Shows the plan to the person. @returns whether to go on */
  readonly confirm: (plan: Plan) => Promise<boolean>;
  readonly watcher: Watcher;
  /** @default - a bundle that is built now, on the clock of the machine */
  readonly cloud?: Pick<CloudProps, 'bundle' | 'clock'>;
  /** @default STATE_FILE */
  readonly stateFile?: string;
}

/** What is about to happen, for the person who must agree. */
export interface Plan {
  readonly gitlabUrl: string;
  readonly project: string;
  readonly secretName: string;
  readonly stateFile: string;
  /** Where the token comes from that will rotate. */
  readonly source: 'environment' | 'state file' | 'unfinished rotation';
}

export interface RealRotationResult {
  /** `rejected`: the token in the environment was refused, and is not kept. */
  readonly outcome: RotationOutcome['kind'] | 'rejected';
  readonly plan: Plan;
  readonly alerts: readonly AlertSummary[];
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
  const gitlabUrl = readGitLabUrl(env['GITLAB_URL']);
  await using cloud = await startCloud({
    gitlabUrl,
    stateFile,
    ...props.cloud,
    // A person is watching, and decides about another attempt.
    maxAttempts: 1,
    environment: {
      ...Object.fromEntries(
        PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])),
      ),
      ...readProxySettings(env).environment,
    },
  });
  const secretName = nameFor(gitlabUrl, project);
  const token = env['GITLAB_TOKEN']?.trim();
  const source = sourceOf(findSecret(cloud, secretName), token);
  const plan = { gitlabUrl, project, secretName, stateFile, source };
  if (!(await props.confirm(plan))) {
    return undefined;
  }
  const { watcher } = props;
  const stopSteps = cloud.secretsManager.onRotation((progress) => watcher.onProgress(progress));
  const stopLog = cloud.lambda.onLog((line) => watcher.onLog(line));
  try {
    const isTaken = source !== 'environment' || (await take(cloud, plan, token ?? ''));
    const outcome = isTaken ? await rotateSecret(cloud, plan) : 'rejected';
    return { outcome, plan, alerts: alertsOf(cloud).map(summaryOf) };
  } finally {
    stopSteps();
    stopLog();
  }
}

/** One secret per GitLab and project; a name holds no other characters than these. */
function nameFor(gitlabUrl: string, project: string): string {
  const { host, pathname } = new URL(gitlabUrl);
  return `${host}${pathname === '/' ? '' : pathname}/${project}`.replace(
    /[^A-Za-z0-9/_+=.@!-]/g,
    '-',
  );
}

function findSecret({ secretsManager }: Cloud, secretName: string): SecretSnapshot | undefined {
  try {
    return secretsManager.snapshot(secretName);
  } catch {
    return undefined;
  }
}

/** A token that the secret has held before was rotated: then its successor is meant. */
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

/**
 * Makes a person's token the current one, after a dry run: a mistyped token must not replace an
 * active one. What was there stays in the file.
 *
 * @returns false when GitLab does not accept it; nothing is kept of it then
 */
async function take(cloud: Cloud, plan: Plan, token: string): Promise<boolean> {
  const { operator, secretsManager } = cloud;
  const { secretName, project } = plan;
  const SecretString = JSON.stringify({ token, projectId: project });
  if (!(await passesDryRun(cloud, `${secretName}.dry-run`, SecretString))) {
    return false;
  }
  if (findSecret(cloud, secretName) === undefined) {
    await operator.send(new CreateSecretCommand({ Name: secretName, SecretString }));
    return true;
  }
  await operator.send(new PutSecretValueCommand({ SecretId: secretName, SecretString }));
  // A rotation that was left unfinished was of the token before.
  const pending = secretsManager
    .snapshot(secretName)
    .versions.find(({ labels }) => labels.includes('AWSPENDING'));
  if (pending !== undefined) {
    await operator.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretName,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: pending.versionId,
      }),
    );
  }
  return true;
}

/** testSecret alone, on a secret that exists no longer than that. */
async function passesDryRun(
  { operator, secretsManager, lambda }: Cloud,
  name: string,
  secretString: string,
): Promise<boolean> {
  await operator.send(new CreateSecretCommand({ Name: name, SecretString: secretString }));
  await operator.send(
    new RotateSecretCommand({
      SecretId: name,
      RotationLambdaARN: lambda.functionArn,
      RotateImmediately: false,
    }),
  );
  const outcome = await secretsManager.rotationEnded(name);
  await operator.send(
    new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }),
  );
  return outcome?.kind === 'succeeded';
}

async function rotateSecret(
  { operator, secretsManager, lambda }: Cloud,
  { secretName, source }: Plan,
): Promise<RotationOutcome['kind']> {
  if (source === 'unfinished rotation') {
    secretsManager.reattemptRotation(secretName);
  } else {
    await operator.send(
      new RotateSecretCommand({ SecretId: secretName, RotationLambdaARN: lambda.functionArn }),
    );
  }
  const outcome = await secretsManager.rotationEnded(secretName);
  return outcome?.kind ?? 'failed';
}

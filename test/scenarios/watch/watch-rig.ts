import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { type Alert, alertsOf, type Cloud } from '../../../infra/local/cloud/cloud.ts';
import { type Lambda, startLambda } from '../../../infra/local/lambda/lambda.ts';
import type { FindingCode } from '../../../lambda/failure.ts';
import type { Report, SecretReport } from '../../../lambda/watch/run.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import { invocationsOf } from '../../rig/local/lambda-rig.ts';
import type { SetupName } from '../../rig/stage/setups.ts';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { type Stage, startStage } from '../../rig/stage/stage.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
const START = new Date('2026-11-30T06:00:00Z');

/** What came of an invocation: the report, or the error. */
export interface Watched {
  readonly report: Report;
  readonly error: { readonly errorType?: string; readonly errorMessage?: string };
}

/** Both sides of a rotation, and the watch beside them, as it is deployed. */
export interface WatchRig extends AsyncDisposable {
  readonly stage: Stage;
  readonly lambda: Lambda;
  /** Invokes the watch, while time passes. */
  watch(event: unknown): Promise<Watched>;
  /** Of the whole topic. */
  messages(): readonly (Alert & { readonly attributes: Readonly<Record<string, string>> })[];
}

export interface WatchRigProps {
  readonly setup?: SetupName;
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: SimulatedClock;
}

export async function startWatchRig({
  setup = 'one token',
  timeoutMs = 900_000,
  environment = {},
  clock = new SimulatedClock(START),
}: WatchRigProps = {}): Promise<WatchRig> {
  await using servers = new AsyncDisposableStack();
  const stage = servers.use(await startStage(setup, sharedBundles(), { clock }));
  const { cloud, gitlab } = stage;
  const lambda = servers.use(
    await startLambda({
      bundle: sharedBundles().of.ours,
      handler: 'watch',
      functionName: 'gitlab-token-watch',
      clock,
      timeoutMs,
      environment: {
        GITLAB_URL: gitlab.url,
        FAILURE_TOPIC_ARN: cloud.topicArn,
        TOKEN_LIFETIME_DAYS: '90',
        ROTATION_FUNCTION_ARN: cloud.lambda.functionArn,
        ...(cloud.recoverySecretId !== undefined && {
          RECOVERY_SECRET_ARN: cloud.recoverySecretId,
        }),
        AWS_ENDPOINT_URL_SECRETS_MANAGER: cloud.secretsManager.url,
        AWS_ENDPOINT_URL_SNS: cloud.sns.url,
        ...environment,
      },
    }),
  );
  const running = servers.move();
  return {
    stage,
    lambda,
    watch: (event) => clock.during(invoke(lambda, event)),
    messages: () =>
      alertsOf(cloud).map((alert, index) => ({
        ...alert,
        attributes: attributesOf(cloud.sns.messages[index]?.attributes ?? {}),
      })),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function attributesOf(attributes: Readonly<Record<string, { readonly value: string }>>) {
  return Object.fromEntries(Object.entries(attributes).map(([name, { value }]) => [name, value]));
}

async function invoke(lambda: Lambda, event: unknown): Promise<Watched> {
  const response = await fetch(`${lambda.url}${invocationsOf(lambda.functionArn)}`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  const payload = (await response.json()) as Report & Watched['error'];
  return { report: payload, error: payload };
}

/** What a secret is like that the watch looks at. */
export interface GivenProps {
  readonly scopes?: readonly string[];
  /** Days from now until it expires. @default - after the next two rotations */
  readonly days?: number;
  readonly standby?: { readonly scopes?: readonly string[]; readonly days?: number };
  /** Rotates every 30 days. @default true */
  readonly scheduled?: boolean;
  /** @default - JSON with the token and its id */
  readonly secretString?: (token: string) => string;
}

/** A secret with a token of a project of its own. */
export interface Given {
  readonly name: string;
  readonly secretId: string;
  readonly tokenId: number;
  readonly token: string;
  readonly standbyId?: number;
}

/** Longer than two intervals. */
const LONG = 300;

/** Puts a new token into a new secret, which rotates every thirty days. */
export async function givenSecret(
  { stage }: WatchRig,
  name: string,
  {
    scopes = ['self_rotate'],
    days = LONG,
    standby,
    scheduled = true,
    secretString,
  }: GivenProps = {},
): Promise<Given> {
  const { gitlab, cloud, clock } = stage;
  const resource = gitlab.addProject({ path: `group/${name}` });
  const dayIn = (count: number) =>
    new Date(clock.now().getTime() + count * DAY_MS).toISOString().slice(0, 10);
  const created = gitlab.createAccessToken({ resource, scopes, expiresAt: dayIn(days) });
  const second =
    standby &&
    gitlab.createAccessToken({
      resource,
      scopes: standby.scopes ?? ['self_rotate'],
      expiresAt: dayIn(standby.days ?? LONG),
    });
  const value =
    secretString?.(created.token) ??
    JSON.stringify({
      token: created.token,
      tokenId: String(created.id),
      ...(second && { standby: { token: second.token, tokenId: String(second.id) } }),
    });
  const { ARN: secretId = '' } = await cloud.operator.send(
    new CreateSecretCommand({ Name: name, SecretString: value }),
  );
  if (scheduled) {
    await schedule(cloud, secretId);
    await clock.during(cloud.secretsManager.rotationEnded(secretId));
  }
  return {
    name,
    secretId,
    tokenId: created.id,
    token: created.token,
    ...(second && { standbyId: second.id }),
  };
}

/** Secrets of which half are broken, each in another way, and one in ten has two tokens. @returns their ARNs */
export async function givenMixture(
  rig: WatchRig,
  names: readonly string[],
): Promise<readonly string[]> {
  const { gitlab, cloud } = rig.stage;
  const all: Given[] = [];
  for (const [index, name] of names.entries()) {
    all.push(await givenSecret(rig, name, { ...MIXTURE[index % 10], scheduled: false }));
  }
  await scheduleUntested(rig, all);
  for (const [index, { tokenId, secretId }] of all.entries()) {
    if (index % 10 === 4) {
      gitlab.revoke(tokenId);
    }
    if (index % 10 === 5) {
      await cloud.operator.send(new CancelRotateSecretCommand({ SecretId: secretId }));
    }
  }
  return all.map(({ secretId }) => secretId);
}

/** By the last digit of the index. The fourth and the fifth are broken later. */
const MIXTURE: Readonly<Record<number, GivenProps>> = {
  1: { days: 10 },
  2: { scopes: ['read_api'] },
  3: { secretString: () => '{"password":"x"}' },
  6: { standby: {} },
};

/** Answers the dry runs in place of the function: of a thousand they would take minutes. */
async function scheduleUntested(
  { stage: { cloud, clock } }: WatchRig,
  secrets: readonly Given[],
): Promise<void> {
  const takeBack = cloud.lambda.faults.add({
    operation: 'Invoke',
    at: 'before',
    times: secrets.length,
    effect: { kind: 'answer', answer: { status: 200, headers: {}, body: 'null' } },
  });
  for (const { secretId } of secrets) {
    await schedule(cloud, secretId);
  }
  await clock.during(
    Promise.all(secrets.map(({ secretId }) => cloud.secretsManager.rotationEnded(secretId))),
  );
  takeBack();
}

/** Begins with a dry run. */
function schedule({ operator, lambda }: Cloud, SecretId: string): Promise<unknown> {
  return operator.send(
    new RotateSecretCommand({
      SecretId,
      RotationLambdaARN: lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediately: false,
    }),
  );
}

/** Secrets that nobody rotates, with a token each. @returns their ARNs */
export async function givenSecrets(
  rig: WatchRig,
  names: readonly string[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of names) {
    ids.push((await givenSecret(rig, name, { scheduled: false })).secretId);
  }
  return ids;
}

/** Stages a version as a rotation leaves it that failed in the middle. */
export async function stagePending(
  { stage }: WatchRig,
  secretId: string,
  secretString: string,
  versionId = '11111111-aaaa-4aaa-8aaa-111111111111',
): Promise<string> {
  await stage.cloud.operator.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: versionId,
      SecretString: secretString,
      VersionStages: ['AWSPENDING'],
    }),
  );
  return versionId;
}

/** What EventBridge sends for an event of Secrets Manager. */
export function bridged(detail: object | undefined): object {
  return {
    version: '0',
    'detail-type': 'AWS Service Event via CloudTrail',
    source: 'aws.secretsmanager',
    detail,
  };
}

/** Lets days pass. */
export async function passDays({ stage: { clock } }: WatchRig, days: number): Promise<void> {
  await clock.during(clock.sleep(days * DAY_MS));
}

export function secretIn(report: Report, name: string): SecretReport {
  const found = report.secrets.find((secret) => secret.name === name);
  if (found === undefined) {
    throw new Error(`not in the report: ${name}`);
  }
  return found;
}

/** The codes of what was found at a secret, the worst first. */
export function codesOf(report: Report, name: string): readonly FindingCode[] {
  return secretIn(report, name).findings.map(({ code }) => code);
}

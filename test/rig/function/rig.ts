import {
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { vi } from 'vitest';
import { type GitLab, startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import type { Project } from '../../../infra/local/gitlab/state/model.ts';
import type { SecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { AwsSecretStore } from '../../../lambda/aws/secret-store.ts';
import type { Details, Step } from '../../../lambda/failure.ts';
import { GitLabAccessTokens } from '../../../lambda/gitlab/access-tokens.ts';
import { GitLabClient } from '../../../lambda/gitlab/client.ts';
import type { RotationRequest } from '../../../lambda/ports/secret-store.ts';
import type {
  Clock,
  Notice,
  RotationSettings,
  Run,
  RunTime,
  Services,
  StepFunction,
} from '../../../lambda/ports/step.ts';
import { createSecret } from '../../../lambda/steps/create-secret.ts';
import { finishSecret } from '../../../lambda/steps/finish-secret.ts';
import { setSecret } from '../../../lambda/steps/set-secret.ts';
import { testSecret } from '../../../lambda/steps/test-secret.ts';
import { tokenExpiry } from '../../../lambda/time/token-expiry.ts';
import { withoutBackoff } from '../local/no-backoff.ts';
import {
  FUNCTION_ARN,
  type RotationEvent,
  type Rig as RotationRig,
  startRig as startRotationRig,
} from '../local/secrets-manager-rig.ts';

const FUNCTION_TIMEOUT_MS = 60_000;
/** Of the first token: beyond the next rotation. */
const LIFETIME_DAYS = 40;

export interface LogLine {
  readonly message: string;
  readonly details: Details;
}

/** The steps of the Lambda in this process, on real servers, with a clock that only sleep moves. */
export interface Rig extends AsyncDisposable {
  readonly gitlab: GitLab;
  readonly secretsManager: SecretsManager;
  readonly client: RotationRig['client'];
  readonly project: Project;
  /** The value `first`, current in the secret and active at GitLab. */
  readonly firstTokenId: number;
  readonly clock: FakeClock;
  readonly services: Services;
  readonly steps: Readonly<Record<Step, StepFunction>>;
  readonly log: readonly LogLine[];
  readonly notices: readonly Notice[];
  /** ARN of the secret. */
  readonly secretId: string;
  /** Of the rotation that is open. */
  readonly request: RotationRequest;
  /** An invocation that begins now. @param request @default - that of the open rotation */
  newRun(request?: RotationRequest): Run;
  /** Runs one step of the open rotation. */
  run(step: Step, request?: RotationRequest): Promise<void>;
  /** Configures rotation without rotating: testSecret alone, on a copy of the current value. */
  dryRun(): Promise<void>;
  /** What the secret says under a label, parsed. */
  value(label: string): { readonly token?: string; readonly tokenId?: string } | undefined;
}

export interface FakeClock extends Clock {
  readonly pauses: readonly number[];
  /** Lets time pass: for the clock, for GitLab, for Secrets Manager. */
  advance(ms: number): void;
  /** The time that an invocation has left that begins now. */
  deadline(): Pick<RunTime, 'remainingMs'>;
  /** What an invocation has at its beginning. @default 60 s */
  timeoutMs: number;
  /** What happens in the world during the next pauses. */
  whileAsleep: () => unknown;
}

interface SecretIds {
  readonly projectId: number;
  readonly tokenId: number;
}

export interface RigProps {
  readonly scopes?: readonly string[];
  readonly settings?: Partial<RotationSettings>;
  /** Null: no value. @default - the JSON form of a project token */
  readonly secretString?: ((ids: SecretIds) => string) | null;
  /** Where the clock stands, for us, GitLab and Secrets Manager alike. @default - the present */
  readonly startsAt?: Date;
  readonly rotationRules?: { AutomaticallyAfterDays?: number };
}

/**
 * Starts a GitLab with one project and its token, a Secrets Manager with that
 * token in a secret, and opens a rotation whose steps the test runs itself.
 */
export async function startRig(props: RigProps = {}): Promise<Rig> {
  const clock = fakeClock(props.startsAt ?? new Date());
  const gitlab = await startGitLab({ now: clock.now, settings: { tokenValues: 'words' } });
  const project = gitlab.addProject({ path: 'group/app' });
  const first = gitlab.createAccessToken({
    resource: project,
    scopes: props.scopes ?? ['self_rotate'],
    expiresAt: tokenExpiry(clock.now(), LIFETIME_DAYS),
    value: 'first',
  });
  const aws = await startRotationRig({ now: clock.now, maxAttempts: 1 });
  const { secretsManager, client } = aws;
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDFUNCTION');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secretsManager.url);
  const backoff = withoutBackoff();

  const { secretString = defaultSecret } = props;
  const { ARN: secretId = '' } = await client.send(
    new CreateSecretCommand({
      Name: 'app/gitlab-token',
      ...(secretString && {
        SecretString: secretString({ projectId: project.id, tokenId: first.id }),
      }),
    }),
  );
  const request = await openRotation(aws, secretId, props);

  const log: LogLine[] = [];
  const notices: Notice[] = [];
  const write = (message: string, details: Details = {}) => {
    log.push({ message, details });
  };
  const stepLog = { info: write, warn: write };
  const settings = {
    gitlabUrl: gitlab.url,
    tokenField: 'token',
    lifetimeDays: 90,
    ...props.settings,
  };
  const services: Services = {
    secrets: new AwsSecretStore({ log: stepLog }),
    tokens: new GitLabAccessTokens(new GitLabClient({ gitlabUrl: gitlab.url, log: stepLog })),
    settings,
  };
  const steps = { createSecret: createSecret(), setSecret, testSecret, finishSecret };
  const newRun = (of: RotationRequest = request): Run => ({
    ...services,
    request: of,
    log: stepLog,
    time: {
      now: () => clock.now(),
      sleep: (ms) => clock.sleep(ms),
      ...clock.deadline(),
    },
    notify: async (notice) => {
      notices.push(notice);
    },
  });

  return {
    gitlab,
    secretsManager,
    client,
    project,
    firstTokenId: first.id,
    clock,
    services,
    steps,
    log,
    notices,
    secretId,
    request,
    newRun,
    run: (step, of) => steps[step](newRun(of)),
    dryRun: () => dryRun(aws, secretId, (of) => testSecret(newRun(of))),
    value: (label) => {
      const text = secretsManager.valueOf(secretId, label);
      return text === undefined ? undefined : JSON.parse(text);
    },
    async [Symbol.asyncDispose]() {
      await aws[Symbol.asyncDispose]();
      await gitlab[Symbol.asyncDispose]();
      vi.unstubAllEnvs();
      backoff[Symbol.dispose]();
    },
  };
}

/** Somebody puts another active token of the project by hand, as plain text. */
export async function putSecond({ gitlab, project, client, secretId }: Rig): Promise<void> {
  gitlab.createAccessToken({ resource: project, scopes: ['self_rotate'], value: 'second' });
  await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: 'second' }));
}

function defaultSecret({ projectId, tokenId }: SecretIds): string {
  return JSON.stringify({ token: 'first', tokenId: String(tokenId), projectId });
}

/** Lets Secrets Manager begin, and fail at once, so that the version is staged and no step has run. */
async function openRotation(
  aws: RotationRig,
  secretId: string,
  { rotationRules = { AutomaticallyAfterDays: 30 } }: RigProps,
): Promise<RotationRequest> {
  let request: RotationRequest | undefined;
  aws.script((event) => {
    request = requestOf(event);
    throw new Error('the test runs the steps itself');
  });
  const RotationRules = rotationRules;
  await aws.client.send(
    new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN: FUNCTION_ARN, RotationRules }),
  );
  await aws.secretsManager.rotationEnded(secretId);
  if (request === undefined) {
    throw new Error('Secrets Manager began no rotation');
  }
  return request;
}

/** The version of a dry run lives no longer than its step, so the step runs where AWS runs it. */
async function dryRun(
  { client, secretsManager, script }: RotationRig,
  secretId: string,
  testSecretStep: (request: RotationRequest) => Promise<void>,
): Promise<void> {
  let step: Promise<void> | undefined;
  script((event) => {
    step = testSecretStep(requestOf(event));
    return step;
  });
  await clearPending(client, secretsManager, secretId);
  await client.send(new RotateSecretCommand({ SecretId: secretId, RotateImmediately: false }));
  await secretsManager.rotationEnded(secretId);
  if (step === undefined) {
    throw new Error('Secrets Manager ran no step');
  }
  return step;
}

/** AWS's own remedy for a rotation that is stuck; harmless while the version has no value. */
async function clearPending(
  client: RotationRig['client'],
  secretsManager: SecretsManager,
  secretId: string,
): Promise<void> {
  for (const { versionId, labels } of secretsManager.snapshot(secretId).versions) {
    if (labels.includes('AWSPENDING')) {
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: secretId,
          VersionStage: 'AWSPENDING',
          RemoveFromVersionId: versionId,
        }),
      );
    }
  }
}

function requestOf({
  SecretId,
  ClientRequestToken,
  RotationToken,
}: RotationEvent): RotationRequest {
  return {
    secretId: SecretId,
    versionId: ClientRequestToken,
    ...(RotationToken !== undefined && { rotationToken: RotationToken }),
  };
}

/** Time that passes only when somebody sleeps, or lets it. */
function fakeClock(start: Date): FakeClock {
  const pauses: number[] = [];
  let now = start.getTime();
  return {
    pauses,
    timeoutMs: FUNCTION_TIMEOUT_MS,
    now: () => new Date(now),
    whileAsleep: () => undefined,
    async sleep(ms) {
      pauses.push(ms);
      now += ms;
      await this.whileAsleep();
    },
    advance: (ms) => {
      now += ms;
    },
    deadline() {
      const end = now + this.timeoutMs;
      return { remainingMs: () => end - now };
    },
  };
}

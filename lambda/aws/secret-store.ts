import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type RotationRulesType,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { RotationError } from '../failure.ts';
import type {
  ListedVersion,
  RotationRequest,
  SecretDescription,
  SecretStore,
  SecretVersion,
  VersionList,
} from '../ports/secret-store.ts';
import type { StepLog } from '../ports/step.ts';
import { CLIENT_CONFIG, callAws, type Reply, type Send } from './call.ts';
import {
  expectedAnswer,
  incompleteReply,
  type StoreAnswer,
  storeFailure,
} from './store-failures.ts';

/** Secrets Manager's limit for a page. */
const LARGEST_PAGE = 100;
/** A secret has about a hundred versions, but a page may hold few of them, or none. */
const MOST_PAGES = 20;

const HOURS_PER_DAY = 24;

interface CallOptions<Expected extends StoreAnswer> {
  /** The errors that are answers to this call. */
  readonly expected?: readonly Expected[];
  readonly timeoutMs: number;
}

interface Put {
  readonly versionId: string;
  readonly secretString: string;
  readonly stages?: string[];
}

/** The secret in AWS Secrets Manager, through SDK v3. */
export class AwsSecretStore implements SecretStore {
  readonly #client = new SecretsManagerClient(CLIENT_CONFIG);
  readonly #log: StepLog;

  constructor({ log }: { readonly log: StepLog }) {
    this.#log = log;
  }

  async describe(secretId: string, timeoutMs: number): Promise<SecretDescription> {
    const command = new DescribeSecretCommand({ SecretId: secretId });
    const reply = await this.#call(
      'DescribeSecret',
      (options) => this.#client.send(command, options),
      { timeoutMs },
    );
    if (reply.DeletedDate !== undefined) {
      throw new RotationError('SECRET_MISSING', 'the secret is marked for deletion');
    }
    if (reply.Name === undefined) {
      throw incompleteReply('DescribeSecret', reply);
    }
    const { RotationRules: rules } = reply;
    return {
      // AWS omits it where rotation was never configured.
      rotationEnabled: reply.RotationEnabled === true,
      stages: reply.VersionIdsToStages ?? {},
      ...withoutGaps({
        arn: reply.ARN,
        rotationFunctionArn: reply.RotationLambdaARN,
        rotationIntervalDays: rotationIntervalDays(rules),
        windowHours: windowHours(rules),
        nextRotationDate: reply.NextRotationDate,
        lastRotatedDate: reply.LastRotatedDate,
        lastChangedDate: reply.LastChangedDate,
      }),
    };
  }

  async readPending(
    { secretId, versionId }: RotationRequest,
    timeoutMs: number,
  ): Promise<SecretVersion | undefined> {
    // Also by its id, since the label may be on the version of another run.
    const input = { SecretId: secretId, VersionId: versionId, VersionStage: 'AWSPENDING' };
    return await this.#find(input, ['no-value', 'label-mismatch'], timeoutMs);
  }

  async readVersion(
    secretId: string,
    versionId: string,
    timeoutMs: number,
  ): Promise<SecretVersion | undefined> {
    return await this.#find({ SecretId: secretId, VersionId: versionId }, ['no-value'], timeoutMs);
  }

  async readCurrent(secretId: string, timeoutMs: number): Promise<SecretVersion> {
    const input = { SecretId: secretId, VersionStage: 'AWSCURRENT' };
    const version = await this.#find(input, ['no-value'], timeoutMs);
    if (version === undefined) {
      throw new RotationError('SECRET_MISSING', 'the secret has no value yet');
    }
    return version;
  }

  async proveWritable(
    request: RotationRequest,
    version: SecretVersion,
    timeoutMs: number,
  ): Promise<void> {
    const { versionId, secretString } = version;
    await this.#put(request, { versionId, secretString }, { timeoutMs });
  }

  async storePending(
    request: RotationRequest,
    secretString: string,
    timeoutMs: number,
  ): Promise<'stored' | 'taken'> {
    const put = { versionId: request.versionId, secretString, stages: ['AWSPENDING'] };
    const answer = await this.#put(request, put, { expected: ['taken'], timeoutMs });
    return answer ?? 'stored';
  }

  async listVersions(secretId: string, timeoutMs: number): Promise<VersionList> {
    const endsAt = performance.now() + timeoutMs;
    const first = await this.#listPage(secretId, undefined, timeoutMs);
    const versions = [...first.versions];
    const asked = new Set<string>();
    let { next } = first;
    // An empty token would ask for the first page again.
    while (next) {
      // A page that names an earlier one starts a circle.
      const isEndless = asked.has(next) || asked.size === MOST_PAGES - 1;
      const page = isEndless
        ? undefined
        : await this.#listPage(secretId, next, endsAt - performance.now()).catch(() => undefined);
      if (page === undefined) {
        return { versions, isWhole: false };
      }
      asked.add(next);
      versions.push(...page.versions);
      next = page.next;
    }
    return { versions, isWhole: true };
  }

  /** One page, which may be empty and still have a next one. */
  async #listPage(
    secretId: string,
    token: string | undefined,
    timeoutMs: number,
  ): Promise<{ readonly versions: readonly ListedVersion[]; readonly next: string | undefined }> {
    const command = new ListSecretVersionIdsCommand({
      SecretId: secretId,
      IncludeDeprecated: true,
      MaxResults: LARGEST_PAGE,
      NextToken: token,
    });
    const { Versions: listed = [], NextToken: next } = await this.#call(
      'ListSecretVersionIds',
      (options) => this.#client.send(command, options),
      { timeoutMs },
    );
    const versions = listed.flatMap(({ VersionId: versionId, CreatedDate: createdAt }) =>
      versionId === undefined || createdAt === undefined ? [] : [{ versionId, createdAt }],
    );
    return { versions, next };
  }

  async promote(
    secretId: string,
    { from, to }: { readonly from: string; readonly to: string },
    timeoutMs: number,
  ): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: to,
      RemoveFromVersionId: from,
    });
    const reply = await this.#call(
      'UpdateSecretVersionStage',
      (options) => this.#client.send(command, options),
      { timeoutMs },
    );
    if (reply.ARN === undefined) {
      throw incompleteReply('UpdateSecretVersionStage', reply);
    }
  }

  async #find(
    input: GetSecretValueCommandInput,
    expected: readonly StoreAnswer[],
    timeoutMs: number,
  ): Promise<SecretVersion | undefined> {
    const command = new GetSecretValueCommand(input);
    const reply = await this.#call(
      'GetSecretValue',
      (options) => this.#client.send(command, options),
      { expected, timeoutMs },
    );
    if (typeof reply === 'string') {
      return undefined;
    }
    const { VersionId: versionId, SecretString: secretString, VersionStages: stages = [] } = reply;
    if (secretString === undefined && reply.SecretBinary !== undefined) {
      throw new RotationError('SECRET_MALFORMED', 'the secret is binary: it must be text');
    }
    if (versionId === undefined || secretString === undefined) {
      throw incompleteReply('GetSecretValue', reply);
    }
    return { versionId, secretString, stages, ...withoutGaps({ createdAt: reply.CreatedDate }) };
  }

  async #put<Expected extends StoreAnswer>(
    { secretId, rotationToken }: RotationRequest,
    { versionId, secretString, stages }: Put,
    options: CallOptions<Expected>,
  ): Promise<Expected | undefined> {
    const command = new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: versionId,
      SecretString: secretString,
      VersionStages: stages,
      RotationToken: rotationToken,
    });
    const reply = await this.#call(
      'PutSecretValue',
      (sendOptions) => this.#client.send(command, sendOptions),
      options,
    );
    if (typeof reply === 'string') {
      return reply;
    }
    // A 200 may be empty, and then nothing proves that the only copy of a token is stored.
    if (reply.VersionId !== versionId) {
      throw incompleteReply('PutSecretValue', reply);
    }
    return undefined;
  }

  async #call<Answer extends Reply, Expected extends StoreAnswer = never>(
    operation: string,
    send: Send<Answer>,
    { expected = [], timeoutMs }: CallOptions<Expected>,
  ): Promise<Answer | Expected> {
    const props = { service: 'Secrets Manager', operation, log: this.#log, timeoutMs } as const;
    try {
      return await callAws(props, send);
    } catch (error) {
      const answer = expectedAnswer(error);
      const asExpected = expected.find((candidate) => candidate === answer);
      if (asExpected !== undefined) {
        return asExpected;
      }
      throw storeFailure(operation, error);
    }
  }
}

/**
 * The days between two rotations, a fraction for a schedule in hours. A cron expression has no
 * even interval: undefined then, unless AWS computed one.
 */
function rotationIntervalDays(rules: RotationRulesType | undefined): number | undefined {
  const { ScheduleExpression: expression = '', AutomaticallyAfterDays: days } = rules ?? {};
  const [, count, unit] = /rate\((\d+) (hour|day)/.exec(expression) ?? [];
  if (count === undefined) {
    return days;
  }
  return unit === 'hour' ? Number(count) / HOURS_PER_DAY : Number(count);
}

/** `3h`: undefined where AWS's default counts. */
function windowHours(rules: RotationRulesType | undefined): number | undefined {
  const [, hours] = /^(\d{1,3})h$/.exec(rules?.Duration ?? '') ?? [];
  return hours === undefined ? undefined : Number(hours);
}

type WithoutGaps<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** What a reply has, without the members that are undefined. */
function withoutGaps<T extends object>(members: T): WithoutGaps<T> {
  const known = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as WithoutGaps<T>;
}

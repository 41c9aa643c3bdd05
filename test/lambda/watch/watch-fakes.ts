import { RotationError } from '../../../lambda/failure.ts';
import type { Log } from '../../../lambda/log.ts';
import type { MembershipsAnswer, Probe } from '../../../lambda/ports/access-tokens.ts';
import type { Alert } from '../../../lambda/ports/alert-publisher.ts';
import type { SecretDescription } from '../../../lambda/ports/secret-store.ts';
import type { Services } from '../../../lambda/ports/step.ts';
import type { Report } from '../../../lambda/watch/run.ts';
import { createWatch, type WatchDeps } from '../../../lambda/watch.ts';

const OURS = 'arn:aws:lambda:eu-central-1:111122223333:function:rotation';
export const NOW = new Date('2030-01-10T06:00:00Z');
export const CURRENT = '11111111-aaaa-4aaa-8aaa-111111111111';
export const PENDING = '22222222-aaaa-4aaa-8aaa-222222222222';
export const PREVIOUS = '33333333-aaaa-4aaa-8aaa-333333333333';
export const RECOVERY = arnOf('recovery');

/** A secret as Secrets Manager has it: values by version; a failure instead where it has none. */
export interface FakeSecret {
  readonly description?: Partial<SecretDescription> | RotationError;
  readonly values?: Readonly<Record<string, string | RotationError>>;
  readonly createdAt?: Date;
}

export interface FakeProps {
  readonly secrets?: Readonly<Record<string, FakeSecret>>;
  /** By the value of the token; in turn, where there are several. @default - active for long */
  readonly probes?: Readonly<Record<string, readonly Probe[]>>;
  readonly memberships?: MembershipsAnswer;
  readonly timeoutMs?: number;
  readonly deps?: Partial<WatchDeps>;
  readonly recovery?: boolean;
  /** How long each probe takes. @default 0 */
  readonly probeMs?: number;
  /** How long each description takes. @default 0 */
  readonly readMs?: number;
}

export function arnOf(name: string): string {
  return `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}-AbCdEf`;
}

export function active(tokenId: string, more: object = {}): Probe {
  return {
    kind: 'active',
    token: {
      tokenId,
      scopes: ['self_rotate'],
      canRotate: true,
      expiresAt: '2030-12-31',
      ...more,
    },
  };
}

/** The watch in this process, in a world of objects whose clock only sleep moves. */
export function fakeWatch(props: FakeProps = {}) {
  let now = NOW.getTime();
  const endsAt = now + (props.timeoutMs ?? 900_000);
  const published: Alert[] = [];
  const logged: string[] = [];
  const measured: Readonly<Record<string, unknown>>[] = [];
  const asked: string[] = [];
  const compared: string[] = [];
  const write = (message: string, details?: object) => {
    logged.push(`${message} ${JSON.stringify(details)}`);
  };
  const log: Log = { info: write, warn: write, error: write, with: () => log };
  const probes = new Map(
    Object.entries(props.probes ?? {}).map(([token, answers]) => [token, [...answers]]),
  );
  const services = {
    secrets: fakeStore(props.secrets ?? { app: {} }, () => {
      now += props.readMs ?? 0;
    }),
    tokens: {
      probe: async (token: string) => {
        asked.push(token);
        now += props.probeMs ?? 0;
        const answers = probes.get(token) ?? [];
        if (token === 'broken') {
          throw new TypeError('bug');
        }
        return (answers.length > 1 ? answers.shift() : answers[0]) ?? active('12');
      },
      memberships: async (token: string) => {
        compared.push(token);
        return props.memberships ?? { kind: 'untold' };
      },
    },
    settings: { gitlabUrl: 'https://gitlab.example.com', tokenField: 'token', lifetimeDays: 90 },
    ...(props.secrets?.['pair'] && {
      secretSettings: new Map([['pair', { alternatingTokens: true }]]),
    }),
    ...(props.recovery && { recovery: { secretId: RECOVERY } }),
  } as unknown as Services;
  const watch = createWatch({
    services,
    rotationFunctionArn: OURS,
    clock: {
      now: () => new Date(now),
      sleep: async (ms) => {
        now += ms;
      },
    },
    failures: {
      publish: async (alert) => {
        published.push(alert);
      },
    },
    log,
    metrics: (line) => measured.push(JSON.parse(line)),
    ...props.deps,
  });
  return {
    published,
    logged,
    measured,
    asked,
    compared,
    elapsedMs: () => now - NOW.getTime(),
    watch: (event: unknown) =>
      watch(event, {
        awsRequestId: '44444444-aaaa-4aaa-8aaa-444444444444',
        functionName: 'gitlab-token-watch',
        invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:watch',
        getRemainingTimeInMillis: () => endsAt - now,
      }),
  };
}

function fakeStore(secrets: Readonly<Record<string, FakeSecret>>, onDescribe: () => void) {
  const find = (secretId: string): FakeSecret => {
    const name = /:secret:(.*)-AbCdEf$/.exec(secretId)?.[1] ?? secretId;
    const secret = secrets[name];
    if (secret === undefined) {
      throw new RotationError('SECRET_MISSING', 'the secret does not exist');
    }
    return secret;
  };
  const readVersion = async (secretId: string, versionId: string) => {
    const { values = { [CURRENT]: 'token' }, createdAt } = find(secretId);
    const secretString = values[versionId];
    if (secretString instanceof Error) {
      throw secretString;
    }
    return secretString === undefined
      ? undefined
      : { versionId, secretString, stages: [], ...(createdAt && { createdAt }) };
  };
  return {
    readVersion,
    describe: async (secretId: string) => {
      onDescribe();
      const { description = {} } = find(secretId);
      if (description instanceof Error) {
        throw description;
      }
      return {
        rotationEnabled: true,
        stages: { [CURRENT]: ['AWSCURRENT'] },
        rotationFunctionArn: OURS,
        rotationIntervalDays: 31,
        nextRotationDate: new Date('2030-02-01T23:59:59Z'),
        lastRotatedDate: new Date('2030-01-01T00:00:00Z'),
        ...description,
      };
    },
    readCurrent: (secretId: string) => readVersion(secretId, CURRENT),
  };
}

export const DEAD: Probe = { kind: 'dead', reason: 'revoked' };

/** A secret whose rotation has not ended. */
export const ROTATING: FakeSecret = {
  description: { stages: { [CURRENT]: ['AWSCURRENT'], [PENDING]: ['AWSPENDING'] } },
  values: { [CURRENT]: 'old', [PENDING]: 'new' },
  createdAt: new Date('2030-01-08T05:00:00Z'),
};

/** Of all findings of all secrets. */
export function codes({ secrets }: Report): readonly string[] {
  return secrets.flatMap(({ findings }) => findings.map(({ code }) => code));
}

/** The text of all mails. */
export function mail({ published }: ReturnType<typeof fakeWatch>): string {
  return published.map(({ message }) => JSON.parse(message).email).join('\n');
}

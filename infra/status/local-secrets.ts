import { createHash } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Cloud } from '../local/cloud/cloud.ts';
import type { GitLab } from '../local/gitlab/gitlab.ts';
import type { LocalClock } from '../local/server/clock.ts';

/** Where secrets are made. */
export interface Place {
  readonly gitlab: GitLab;
  readonly cloud: Cloud;
  readonly clock: LocalClock;
  /** Has Secrets Manager take what happens in the work for that old. */
  readonly daysAgo: (days: number, work: () => Promise<unknown>) => Promise<unknown>;
}

/** What a secret is like, and what happens to it once it rotates by its schedule. */
interface Kind {
  readonly name: string;
  /** Days until its token expires. @default 200 */
  readonly days?: number;
  /** Of its standby. @default - there is none */
  readonly standbyDays?: number;
  readonly scopes?: readonly string[];
  /** Whether it rotates once. */
  readonly rotates?: boolean;
  readonly afterwards?: (place: Place, made: Made) => Promise<unknown>;
}

interface Made {
  readonly secretId: string;
  readonly tokenId: number;
}

/** README shows the first three. The last three are broken more rarely; all that come after them are well. */
const KINDS: readonly Kind[] = [
  { name: 'app/gitlab-token', rotates: true },
  {
    name: 'docs/gitlab-token',
    afterwards: async ({ gitlab }, { tokenId }) => gitlab.revoke(tokenId),
  },
  { name: 'mobile/gitlab-token', days: 12 },
  {
    name: 'billing/gitlab-token',
    afterwards: ({ cloud }, { secretId: SecretId }) =>
      cloud.operator.send(new CancelRotateSecretCommand({ SecretId })),
  },
  { name: 'web/gitlab-token', standbyDays: 200, rotates: true },
  { name: 'search/gitlab-token', scopes: ['read_api'] },
  {
    name: 'legacy/gitlab-token',
    afterwards: ({ cloud }, { secretId: SecretId }) =>
      cloud.operator.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken: versionIdOf('legacy, by hand'),
          SecretString: '{"password":"not a token"}',
        }),
      ),
  },
  { name: 'mail/gitlab-token', afterwards: leaveRotationStuck },
];

const DAY_MS = 24 * 60 * 60 * 1000;

/** @returns the ARNs */
export async function createSecrets(place: Place, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const kind = KINDS[index] ?? wellKind(index + 1);
    const made = await create(place, kind);
    await schedule(place, kind, made);
    await kind.afterwards?.(place, made);
    ids.push(made.secretId);
  }
  return ids;
}

/** Some of them with two tokens. */
function wellKind(number: number): Kind {
  const name = `team-${number}/gitlab-token`;
  const days = 100 + number;
  return number % 3 === 0 ? { name, days, standbyDays: days } : { name, days };
}

async function create({ gitlab, cloud, clock }: Place, kind: Kind): Promise<Made> {
  const { name, days = 200, standbyDays, scopes = ['self_rotate'] } = kind;
  const resource = gitlab.addProject({ path: name.replace('gitlab-token', 'project') });
  const createToken = (lifetimeDays: number) => {
    const expiresAt = new Date(clock.now().getTime() + lifetimeDays * DAY_MS);
    return gitlab.createAccessToken({
      resource,
      scopes,
      expiresAt: expiresAt.toISOString().slice(0, 10),
    });
  };
  const { token, id: tokenId } = createToken(days);
  const standby = standbyDays === undefined ? undefined : createToken(standbyDays);
  const { ARN: secretId = '' } = await cloud.operator.send(
    new CreateSecretCommand({
      Name: name,
      ClientRequestToken: versionIdOf(name),
      SecretString: JSON.stringify({
        token,
        tokenId: String(tokenId),
        ...(standby && { standby: { token: standby.token, tokenId: String(standby.id) } }),
      }),
    }),
  );
  return { secretId, tokenId };
}

async function schedule({ cloud }: Place, kind: Kind, { secretId }: Made): Promise<void> {
  await cloud.operator.send(
    new RotateSecretCommand({
      SecretId: secretId,
      ClientRequestToken: versionIdOf(`${kind.name}, rotated`),
      RotationLambdaARN: cloud.lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediately: kind.rotates === true,
    }),
  );
  await cloud.secretsManager.rotationEnded(secretId);
}

/** As after a rotation that failed the day before yesterday, and was not tried again. */
async function leaveRotationStuck({ cloud, daysAgo }: Place, { secretId }: Made): Promise<void> {
  const put = new PutSecretValueCommand({
    SecretId: secretId,
    ClientRequestToken: versionIdOf('stuck'),
    SecretString: '{"token":"of-a-rotation-that-failed"}',
    VersionStages: ['AWSPENDING'],
  });
  await daysAgo(2, () => cloud.operator.send(put));
}

/** Always the same, so that the output of two runs can be compared. In the form of a UUID. */
function versionIdOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end))
    .join('-');
}

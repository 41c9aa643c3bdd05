import { randomInt } from 'node:crypto';
import { invalidParameter, invalidRequest, Refusal, tokenInUse } from './errors.ts';
import { secretId, secretName } from './names.ts';
import { identity, presentStages } from './replies.ts';
import type { RequestFields } from './request.ts';
import { replanned } from './rotation-schedule.ts';
import type { Secret, SecretsState } from './state.ts';
import { requestedTags, requestedValue, requestToken } from './values.ts';
import {
  AWSCURRENT,
  holderOf,
  type NewValue,
  type Origin,
  putValue,
  type SecretValue,
  versionOf,
} from './versions.ts';

/** Who put a value, as far as the wire tells. */
export interface PutBy {
  readonly arn: string;
  readonly versionId: string;
  /** Sensitive: never told to anybody. */
  readonly rotationToken: string | undefined;
  readonly accessKeyId: string;
}

/** What the writing operations need. */
export interface WritingDeps {
  readonly state: SecretsState;
  readonly region: string;
  readonly accountId: string;
  readonly now: () => Date;
  /** Whether a put belongs to the rotation that is under way. */
  readonly originOf: (put: PutBy) => Origin;
}

const MAX_STAGES = 20;
const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The operations that make and change secrets and their values. */
export function writingOperations(deps: WritingDeps) {
  const { state } = deps;
  const now = () => deps.now().getTime();

  /** Puts a value; one that somebody puts by hand counts as a rotation for the schedule. */
  function put(secret: Secret, value: Omit<NewValue, 'now'>): Secret {
    const next = putValue(secret, { ...value, now: now() });
    if (next === secret) {
      return secret;
    }
    const moved = holderOf(next, AWSCURRENT)?.versionId !== holderOf(secret, AWSCURRENT)?.versionId;
    return { ...next, changedAt: now(), ...(moved && replanned(secret.rotation, now())) };
  }

  return {
    CreateSecret(fields: RequestFields): object {
      const name = secretName(fields);
      const versionId = requestToken(fields);
      const value = requestedValue(fields);
      const tags = requestedTags(fields);
      const existing = state.all.find((secret) => secret.name === name);
      if (existing) {
        return namedTwice(existing, versionId, value);
      }
      const secret: Secret = {
        ...metadata(fields),
        arn: `arn:aws:secretsmanager:${deps.region}:${deps.accountId}:secret:${name}-${suffix()}`,
        name,
        ...(tags && { tags }),
        versions: [],
        createdAt: now(),
        changedAt: now(),
      };
      state.save(value ? put(secret, { versionId, value, origin: 'other', labels: [] }) : secret);
      return { ...identity(secret), VersionId: value && versionId };
    },

    PutSecretValue(fields: RequestFields, accessKeyId: string): object {
      const versionId = requestToken(fields);
      const value = requestedValue(fields);
      if (!value) {
        throw invalidRequest('You must provide either SecretString or SecretBinary.');
      }
      const secret = state.findLiving(secretId(fields));
      const labels = stages(fields) ?? [AWSCURRENT];
      const rotationToken = fields.text('RotationToken', { min: 36, max: 256 });
      const origin = deps.originOf({ arn: secret.arn, versionId, rotationToken, accessKeyId });
      const next = put(secret, { versionId, value, origin, labels });
      state.save(next);
      return {
        ...identity(secret),
        VersionId: versionId,
        VersionStages: presentStages(versionOf(next, versionId)?.labels ?? []),
      };
    },

    UpdateSecret(fields: RequestFields): object {
      const versionId = requestToken(fields);
      const value = requestedValue(fields);
      const secret = state.findLiving(secretId(fields));
      const changes = metadata(fields);
      const changed =
        Object.keys(changes).length > 0 ? { ...secret, ...changes, changedAt: now() } : secret;
      const labels = [AWSCURRENT];
      state.save(value ? put(changed, { versionId, value, origin: 'other', labels }) : changed);
      return { ...identity(secret), VersionId: value && versionId };
    },
  };
}

function stages(fields: RequestFields): readonly string[] | undefined {
  const given = fields.texts('VersionStages');
  const isValid =
    given === undefined ||
    (given.length >= 1 &&
      given.length <= MAX_STAGES &&
      given.every(({ length }) => length >= 1 && length <= 256));
  if (!isValid) {
    throw invalidParameter(
      `VersionStages must be 1 to ${MAX_STAGES} labels of 1 to 256 characters.`,
    );
  }
  return given;
}

function metadata(fields: RequestFields): Pick<Secret, 'description' | 'kmsKeyId'> {
  const description = fields.text('Description', { min: 0, max: 2048 });
  const kmsKeyId = fields.text('KmsKeyId', { min: 0, max: 2048 });
  return {
    ...(description !== undefined && { description }),
    ...(kmsKeyId !== undefined && { kmsKeyId }),
  };
}

/** The same call again is answered as the first time; any other cannot have the name. */
function namedTwice(existing: Secret, versionId: string, value: SecretValue | undefined): object {
  if (existing.deletedAt !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const version = versionOf(existing, versionId);
  if (!version) {
    throw new Refusal(
      'ResourceExistsException',
      `The operation failed because the secret ${existing.name} already exists.`,
    );
  }
  if (version.value?.kind !== value?.kind || version.value?.text !== value?.text) {
    throw tokenInUse(versionId, existing.arn);
  }
  return { ...identity(existing), VersionId: versionId };
}

function suffix(): string {
  return Array.from(
    { length: 6 },
    () => SUFFIX_CHARACTERS[randomInt(SUFFIX_CHARACTERS.length)],
  ).join('');
}

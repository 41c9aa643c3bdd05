import { randomInt } from 'node:crypto';
import type { PutBy } from '../rotation/orchestrator.ts';
import { invalidParameter, invalidRequest, Refusal, tokenInUse } from '../state/errors.ts';
import { replanned } from '../state/schedule.ts';
import { PLACE, type Secret } from '../state/secret.ts';
import type { SecretsState } from '../state/state.ts';
import {
  AWSCURRENT,
  holderOf,
  type NewValue,
  type Origin,
  putValue,
  type SecretValue,
  versionOf,
} from '../state/versions.ts';
import { requestedValue, requestToken, secretId, secretName, secretType } from './members.ts';
import { identity, presentStages } from './replies.ts';
import type { RequestFields } from './request.ts';

/** What the writing operations need. */
export interface WritingDeps {
  readonly state: SecretsState;
  readonly now: () => Date;
  /** Whether a put belongs to the rotation that is under way. */
  readonly originOf: (put: PutBy) => Origin;
}

const MAX_STAGES = 20;
const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** CreateSecret, PutSecretValue and UpdateSecret. */
export function writingOperations(deps: WritingDeps) {
  const { state, now, originOf } = deps;
  return {
    CreateSecret(fields: RequestFields): object {
      const name = secretName(fields);
      const versionId = requestToken(fields);
      const value = requestedValue(fields);
      const type = secretType(fields);
      const existing = state.all.find((secret) => secret.name === name);
      if (existing) {
        return namedTwice(existing, versionId, value);
      }
      const at = now().getTime();
      const secret: Secret = {
        arn: `arn:aws:secretsmanager:${PLACE.region}:${PLACE.accountId}:secret:${name}-${suffix()}`,
        name,
        ...(type !== undefined && { type }),
        versions: [],
        createdAt: at,
        changedAt: at,
      };
      const first = value && { versionId, value, origin: 'other' as const, labels: [], now: at };
      state.save(first ? withValue(secret, first) : secret);
      return { ...identity(secret), VersionId: value && versionId };
    },

    PutSecretValue(fields: RequestFields, accessKeyId: string): object {
      const versionId = requestToken(fields);
      const value = requestedValue(fields);
      if (!value) {
        throw invalidRequest('You must provide either SecretString or SecretBinary.');
      }
      const secret = state.findNotDeleted(secretId(fields));
      const labels = stages(fields) ?? [AWSCURRENT];
      const rotationToken = fields.text('RotationToken', { min: 36, max: 256 });
      const origin = originOf({ arn: secret.arn, versionId, rotationToken, accessKeyId });
      const next = withValue(secret, { versionId, value, origin, labels, now: now().getTime() });
      state.save(next);
      return {
        ...identity(secret),
        VersionId: versionId,
        VersionStages: presentStages(versionOf(next, versionId)?.labels ?? []),
      };
    },

    UpdateSecret: (fields: RequestFields, accessKeyId: string) =>
      updateSecret(fields, accessKeyId, deps),
  };
}

function updateSecret(
  fields: RequestFields,
  accessKeyId: string,
  { state, now, originOf }: WritingDeps,
): object {
  const versionId = requestToken(fields);
  const value = requestedValue(fields);
  const type = secretType(fields);
  const secret = state.findNotDeleted(secretId(fields));
  const typed = withType(secret, type, now().getTime());
  if (!value) {
    state.save(typed);
    return identity(secret);
  }
  const by = { arn: secret.arn, versionId, rotationToken: undefined, accessKeyId };
  const put = { versionId, value, origin: originOf(by), labels: [AWSCURRENT] };
  state.save(withValue(typed, { ...put, now: now().getTime() }));
  return { ...identity(secret), VersionId: versionId };
}

/**
 * Makes a secret one that AWS itself rotates. A rotation by a function must be cancelled before
 * (Secrets Manager User Guide, mes-migrating); how AWS refuses it otherwise is unknown.
 */
function withType(secret: Secret, type: string | undefined, now: number): Secret {
  if (type === undefined || type === secret.type) {
    return secret;
  }
  if (secret.rotation?.enabled) {
    throw invalidRequest('Cancel the rotation of this secret before you change its type.');
  }
  return { ...secret, type, changedAt: now };
}

/** For the schedule, a new current value counts as a rotation, whoever puts it. */
function withValue(secret: Secret, value: NewValue): Secret {
  const next = putValue(secret, value);
  if (next === secret) {
    return secret;
  }
  const moved = holderOf(next, AWSCURRENT)?.versionId !== holderOf(secret, AWSCURRENT)?.versionId;
  return { ...next, changedAt: value.now, ...(moved && replanned(secret.rotation, value.now)) };
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

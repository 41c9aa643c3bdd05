import { limitExceeded, tokenInUse } from './errors.ts';

/** What a version holds: text as it came, binary as base64. */
export interface SecretValue {
  readonly kind: 'string' | 'binary';
  readonly text: string;
}

/**
 * Who wrote a value: the rotation that made the version, the orchestrator for a test run, or
 * somebody else.
 */
export type Origin = 'rotation' | 'test-copy' | 'other';

/** One version; without labels it is deprecated. */
export interface SecretVersion {
  /** The ClientRequestToken of the call that made it. */
  readonly versionId: string;
  /** Absent on the placeholder of a rotation. */
  readonly value?: SecretValue;
  readonly origin: Origin;
  /** Sorted; a label is on one version at most. */
  readonly labels: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What a secret has in the way of versions, oldest first. */
export interface Versioned {
  readonly arn: string;
  readonly versions: readonly SecretVersion[];
}

/** A value to be put under an id of its own, with the labels that it asks for. */
export interface NewValue {
  readonly versionId: string;
  readonly value: SecretValue;
  readonly origin: Origin;
  readonly labels: readonly string[];
  readonly now: number;
}

/** On the version that consumers read. */
export const AWSCURRENT = 'AWSCURRENT';
/** On the version that a rotation makes. */
export const AWSPENDING = 'AWSPENDING';
/** On the version that was current before. */
export const AWSPREVIOUS = 'AWSPREVIOUS';

// Quotas of the Secrets Manager User Guide, reference_limits.
const MAX_LABELS = 20;
const MAX_VERSIONS = 100;
const PRUNED_AFTER_MS = 24 * 3_600_000;

/** The version of an id, with or without a value. */
export function versionOf(secret: Versioned, versionId: string): SecretVersion | undefined {
  return secret.versions.find((version) => version.versionId === versionId);
}

/** The version that has a label. */
export function holderOf(secret: Versioned, label: string): SecretVersion | undefined {
  return secret.versions.find(({ labels }) => labels.includes(label));
}

/**
 * The version that `AWSPENDING` was left on, unless that is the current one: a rotation that is
 * not complete, and blocks the next.
 */
export function unfinishedVersion(secret: Versioned): SecretVersion | undefined {
  const pending = holderOf(secret, AWSPENDING);
  return pending?.labels.includes(AWSCURRENT) ? undefined : pending;
}

/**
 * Puts a value under its id, as PutSecretValue does. The same content again is ignored: the same
 * object comes back.
 *
 * @throws {Refusal} ResourceExistsException, LimitExceededException
 */
export function putValue<S extends Versioned>(secret: S, put: NewValue): S {
  const existing = versionOf(secret, put.versionId);
  if (existing?.value) {
    if (existing.value.kind === put.value.kind && existing.value.text === put.value.text) {
      return secret;
    }
    throw tokenInUse(put.versionId, secret.arn);
  }
  const { versionId, value, origin, now } = put;
  const filled = existing
    ? withVersion(secret, { ...existing, value, origin })
    : addVersion(secret, { versionId, value, origin, labels: [], createdAt: now });
  // The first value becomes current, whatever was asked.
  const current = holderOf(secret, AWSCURRENT);
  const asked = current ? put.labels : [...put.labels, AWSCURRENT];
  const labelled = asked.reduce((moved, label) => moveLabel(moved, label, versionId), filled);
  // Who loses AWSCURRENT to a put loses AWSPENDING too; by a mere move of the label it would not.
  const loser = asked.includes(AWSCURRENT) && current && versionOf(labelled, current.versionId);
  return loser && loser.versionId !== versionId && loser.labels.includes(AWSPENDING)
    ? withLabel(labelled, AWSPENDING)
    : labelled;
}

/**
 * Adds a version, and prunes what is old and without labels once there are too many.
 *
 * @throws {Refusal} LimitExceededException
 */
export function addVersion<S extends Versioned>(secret: S, version: SecretVersion): S {
  const { versions } = secret;
  const spare = Math.max(0, versions.length + 1 - MAX_VERSIONS);
  const pruned = versions
    .filter(({ labels, createdAt }) => {
      return labels.length === 0 && createdAt <= version.createdAt - PRUNED_AFTER_MS;
    })
    .slice(0, spare);
  if (pruned.length < spare) {
    throw limitExceeded(`A secret can have ${MAX_VERSIONS} versions.`);
  }
  return { ...secret, versions: [...versions.filter((each) => !pruned.includes(each)), version] };
}

/**
 * Moves a label to a version; `AWSPREVIOUS` follows `AWSCURRENT` to the version that loses it.
 *
 * @throws {Refusal} LimitExceededException
 */
export function moveLabel<S extends Versioned>(secret: S, label: string, versionId: string): S {
  const loser = label === AWSCURRENT ? holderOf(secret, AWSCURRENT) : undefined;
  const rest =
    loser && loser.versionId !== versionId
      ? withLabel(secret, AWSPREVIOUS, loser.versionId)
      : secret;
  const moved = withLabel(rest, label, versionId);
  if (moved.versions.flatMap(({ labels }) => labels).length > MAX_LABELS) {
    throw limitExceeded(`A secret can have ${MAX_LABELS} staging labels over all its versions.`);
  }
  return moved;
}

/** Leaves the label on this version and on no other; on none for undefined. */
export function withLabel<S extends Versioned>(secret: S, label: string, versionId?: string): S {
  const versions = secret.versions.map((version) => {
    const others = version.labels.filter((each) => each !== label);
    const labels = version.versionId === versionId ? [...others, label].sort() : others;
    return { ...version, labels };
  });
  return { ...secret, versions };
}

/** Takes a version away, with its labels. */
export function withoutVersion<S extends Versioned>(secret: S, versionId: string): S {
  return { ...secret, versions: secret.versions.filter((each) => each.versionId !== versionId) };
}

function withVersion<S extends Versioned>(secret: S, version: SecretVersion): S {
  const versions = secret.versions.map((each) =>
    each.versionId === version.versionId ? version : each,
  );
  return { ...secret, versions };
}

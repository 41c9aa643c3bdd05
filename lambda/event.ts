import { RotationError, STEPS, type Step } from './failure.ts';
import { SECRET_ARN, VERSION_ID } from './ports/secret-ids.ts';
import type { RotationRequest } from './ports/secret-store.ts';

/** One of the four invocations of a rotation. */
export interface RotationEvent {
  readonly step: Step;
  readonly request: RotationRequest;
}

/** The ids in an event. */
export interface EventIds {
  readonly step?: Step;
  /** A full ARN. */
  readonly secretId?: string;
  readonly versionId?: string;
}

/** An event with none of them does not come from Secrets Manager. */
const MEMBERS = ['Step', 'SecretId', 'ClientRequestToken'] as const;

const ROTATION_TOKEN = /^[A-Za-z0-9-]{36,256}$/;
/** The form of the ids that Secrets Manager generates. No token has it. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A wrong step may be quoted where it is one word of letters, and so no token with a prefix. */
const QUOTABLE_STEP = /^[A-Za-z]{1,32}$/;

/**
 * The ids in an event, so that a failure can name them even where the event is wrong. An id
 * without its documented form is left out. Somebody wrote a wrong event by hand, perhaps with a
 * token in place of the version: then only a UUID counts as a version.
 */
export function readEventIds(event: unknown): EventIds {
  const members = membersOf(event);
  const { Step: step, SecretId: secretId, ClientRequestToken: versionId } = members;
  const isValid = problemsOf(members).length === 0;
  return {
    ...(isStep(step) && { step }),
    ...(matches(secretId, SECRET_ARN) && { secretId }),
    ...(matches(versionId, isValid ? VERSION_ID : UUID) && { versionId }),
  };
}

/**
 * Reads the event that Secrets Manager sends: `Step`, `SecretId` (a full ARN),
 * `ClientRequestToken`, which is the id of the version to create, and in newer
 * events `RotationToken`. Other members are ignored.
 *
 * @throws {RotationError} EVENT_INVALID, with every problem at once
 */
export function parseRotationEvent(event: unknown): RotationEvent {
  const members = membersOf(event);
  if (MEMBERS.every((member) => members[member] === undefined)) {
    throw invalid([
      'the event is not from Secrets Manager, and no other service may invoke this function;' +
        ' to test it, run `aws secretsmanager rotate-secret --no-rotate-immediately`',
    ]);
  }
  const { RotationToken: rotationToken } = members;
  const { step, secretId, versionId } = readEventIds(event);
  const problems = problemsOf(members);
  if (problems.length > 0 || !step || !secretId || !versionId) {
    throw invalid(problems);
  }
  const given = matches(rotationToken, ROTATION_TOKEN) && { rotationToken };
  return { step, request: { secretId, versionId, ...given } };
}

/** The name of a secret, from its full ARN: without the six characters that AWS appends. */
export function secretName(secretId: string): string {
  return secretId.slice(secretId.lastIndexOf(':') + 1, -'-AbC123'.length);
}

function membersOf(event: unknown): Readonly<Record<string, unknown>> {
  return Object(event);
}

function problemsOf(members: Readonly<Record<string, unknown>>): readonly string[] {
  const { Step: step, SecretId: secretId, ClientRequestToken: versionId } = members;
  const { RotationToken: rotationToken } = members;
  const isTokenValid = rotationToken === undefined || matches(rotationToken, ROTATION_TOKEN);
  return [
    ...(isStep(step) ? [] : [`Step must be one of ${STEPS.join(', ')}${quotedStep(step)}`]),
    ...(matches(secretId, SECRET_ARN) ? [] : ['SecretId must be the full ARN of a secret']),
    ...(matches(versionId, VERSION_ID)
      ? []
      : ['ClientRequestToken must be 32 to 64 letters, digits or characters of _+=,.@:/-']),
    ...(isTokenValid
      ? []
      : ['RotationToken must be 36 to 256 letters, digits or hyphens, or absent']),
  ];
}

function isStep(value: unknown): value is Step {
  return STEPS.some((step) => step === value);
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function quotedStep(step: unknown): string {
  return matches(step, QUOTABLE_STEP) ? `, got ${step}` : '';
}

function invalid(problems: readonly string[]): RotationError {
  return new RotationError('EVENT_INVALID', problems.join('; '));
}

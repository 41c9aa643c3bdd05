import { randomUUID } from 'node:crypto';
import type { Answer } from '../../server/wire.ts';

/** A call that Secrets Manager refuses; thrown before anything has changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** The exception as AWS names it, for example `ResourceNotFoundException`. */
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** An answer over AWS JSON 1.1: one object, its undefined members left out. */
export function serviceAnswer(body: object, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': randomUUID() },
    body: JSON.stringify(body),
  };
}

/**
 * The error answer for any exception of AWS's, for faults: bare `__type`, capital `Message`.
 *
 * @example serviceError('DecryptionFailure', 'The key is disabled.')
 */
export function serviceError(type: string, message: string, status = 400): Answer {
  return serviceAnswer({ __type: type, Message: message }, status);
}

/** Too many requests; the SDK tries again. */
export function throttled(): Answer {
  return serviceError('ThrottlingException', 'Rate exceeded');
}

/** A failure of the service itself; the SDK tries again. */
export function internalError(): Answer {
  return serviceError('InternalServiceError', 'An error occurred on the server side.', 500);
}

/** The role lacks one permission, for example `secretsmanager:PutSecretValue`. */
export function accessDenied(action: string): Answer {
  const who = 'User: arn:aws:sts::111122223333:assumed-role/rotation/rotation';
  return serviceError(
    'AccessDeniedException',
    `${who} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
  );
}

/**
 * The role lacks `kms:Decrypt` (reading, and repeating a put) or
 * `kms:GenerateDataKey` (writing): AWS's text is the same for both.
 */
export function kmsDenied(): Answer {
  return serviceError('AccessDeniedException', 'Access to KMS is not allowed');
}

/** A member that is malformed, out of bounds, or contradicts another. */
export function invalidParameter(message: string): Refusal {
  return new Refusal('InvalidParameterException', message);
}

/**
 * A member that is longer than the model of the API says.
 *
 * @param member as the caller names it, with the structure that it is in: `RotationRules.Duration`
 */
export function tooLong(member: string, max: number): Refusal {
  const path = member.replaceAll(/(?<=^|\.)[A-Z]/g, (first) => first.toLowerCase());
  return new Refusal(
    'ValidationException',
    `1 validation error detected: Value at '${path}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
  );
}

/** A call that the present state of the secret does not allow. */
export function invalidRequest(message: string): Refusal {
  return new Refusal('InvalidRequestException', message);
}

/** A quota is used up. */
export function limitExceeded(message: string): Refusal {
  return new Refusal('LimitExceededException', message);
}

/** No secret has this name or ARN. */
export function unknownSecret(): Refusal {
  return new Refusal(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret.",
  );
}

/**
 * The secret exists, the value does not.
 *
 * @param which `staging label: AWSPENDING` or `VersionId: <id>`
 */
export function noValueFor(which: string): Refusal {
  return new Refusal(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${which}`,
  );
}

/** The secret is in its recovery window. */
export function markedForDeletion(): Refusal {
  return invalidRequest(
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

/** The id already has another value. */
export function tokenInUse(versionId: string, arn: string): Refusal {
  return new Refusal(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${arn}.`,
  );
}

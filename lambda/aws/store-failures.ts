import { SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager';
import { errorName } from '../disclosure.ts';
import { RotationError } from '../failure.ts';
import { callDetails } from './call.ts';

/**
 * What IAM, KMS and the signature check answer, and what the SDK says when it finds no
 * credentials. AWS writes many of these names with and without `Exception` at the end:
 * both sets have them without it.
 */
const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'CredentialsProviderError',
  'DecryptionFailure',
  'EncryptionFailure',
  'ExpiredToken',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignature',
  'InvalidToken',
  'MissingAuthenticationToken',
  'NotAuthorized',
  'OptInRequired',
  'SignatureDoesNotMatch',
  'Unauthorized',
  'UnauthorizedOperation',
  'UnrecognizedClient',
]);

/**
 * What AWS answers with a status of 4xx to a request that may well succeed later: the names
 * after which the SDK itself asks again, those of a clock that differs from AWS's, and those
 * of AWS's common errors.
 */
const TRANSIENT: ReadonlySet<string> = new Set([
  'AuthFailure',
  'BandwidthLimitExceeded',
  'InternalFailure',
  'InternalServiceError',
  'LimitExceeded',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceeded',
  'RequestAborted',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'Throttled',
  'Throttling',
  'TooManyRequests',
  'TransactionInProgress',
]);
const TRANSIENT_STATUS: ReadonlySet<number | undefined> = new Set([408, 429]);

/** The SDK's name for an answer that names no error: no word of Secrets Manager's. */
const UNNAMED = 'Unknown';

// ResourceNotFoundException has three meanings. Only this text says that the
// secret itself is unknown; a version or a label without a value has others.
const UNKNOWN_SECRET = /^Secrets Manager can't find the specified secret\.$/;

/**
 * What an error of Secrets Manager says, where the caller may have expected it:
 * a version or label without a value, a label that the version does not have,
 * another value under the same version.
 */
export type StoreAnswer = 'no-value' | 'label-mismatch' | 'taken';

/** Tells the errors that are answers from those that are failures. */
export function answerIn(error: unknown): StoreAnswer | undefined {
  if (isUnknownSecret(error)) {
    return undefined;
  }
  if (says(error, 'ResourceNotFoundException')) {
    return 'no-value';
  }
  if (says(error, 'InvalidRequestException', /not associated/)) {
    return 'label-mismatch';
  }
  return says(error, 'ResourceExistsException') ? 'taken' : undefined;
}

/** Makes a failure of what a call of Secrets Manager threw, which becomes its cause. */
export function storeFailure(operation: string, error: unknown): RotationError {
  const name = errorName(error);
  const options = { cause: error, details: { ...callDetails(operation, error), error: name } };
  if (isUnknownSecret(error)) {
    return new RotationError('SECRET_MISSING', 'Secrets Manager knows no such secret', options);
  }
  if (says(error, 'InvalidRequestException', /marked for deletion/)) {
    return new RotationError('SECRET_MISSING', 'the secret is marked for deletion', options);
  }
  if (DENIED.has(plainName(name))) {
    return new RotationError('STORE_DENIED', `${operation} is not allowed (${name})`, options);
  }
  if (isRefusal(error)) {
    return new RotationError('STORE_DENIED', `Secrets Manager refuses ${operation} (${name})`, {
      ...options,
      details: { ...options.details, reason: 'request-refused' },
    });
  }
  return new RotationError('STORE_UNAVAILABLE', `${operation} failed (${name})`, options);
}

function plainName(name: string): string {
  return name.replace(/Exception$/, '');
}

/**
 * Whether Secrets Manager says that what was asked is wrong: asked again, it says so again.
 * A name that is not known here counts too: AWS answered, so it is not away, and only
 * CloudTrail, where this sends people, can say what the name means.
 */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof SecretsManagerServiceException)) {
    return false;
  }
  const { name, $metadata } = error;
  const { httpStatusCode: status } = $metadata;
  const isTransient = TRANSIENT.has(plainName(name)) || TRANSIENT_STATUS.has(status);
  return /^4\d\d$/.test(String(status)) && name !== UNNAMED && !isTransient;
}

/** A reply without what it must hold, such as an empty one: nothing shows that the call worked. */
export function incompleteReply(operation: string, reply: object): RotationError {
  return new RotationError('STORE_UNAVAILABLE', `the reply to ${operation} is incomplete`, {
    details: callDetails(operation, reply),
  });
}

function isUnknownSecret(error: unknown): boolean {
  return says(error, 'ResourceNotFoundException', UNKNOWN_SECRET);
}

function says(error: unknown, name: string, text = /(?:)/): boolean {
  return error instanceof Error && error.name === name && text.test(error.message);
}

import { SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager';
import { errorName } from '../disclosure.ts';
import { RotationError } from '../failure.ts';
import { callDetails } from './call.ts';

/**
 * Errors of IAM, of KMS and of the signature check, and the SDK's own where it finds no
 * credentials. AWS writes many names with and without `Exception` at the end. Both sets list them
 * without it.
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
 * Errors with a status of 4xx after which the same request may succeed later: those that the SDK
 * itself retries, those of a clock that differs from AWS's, and some of AWS's common errors.
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

/** The SDK's name for an answer that names no error. Such an answer may not come from AWS. */
const UNNAMED = 'Unknown';

// ResourceNotFoundException has three meanings. Only this text says that the secret itself is
// unknown. The other two are a version and a label without a value.
const UNKNOWN_SECRET = /^Secrets Manager can't find the specified secret\.$/;

/**
 * Errors of Secrets Manager that a caller may expect as an answer: a version or label has no
 * value, the version does not have the label, the version has another value.
 */
export type StoreAnswer = 'no-value' | 'label-mismatch' | 'taken';

/** The answer in an error; undefined for an error that is a failure. */
export function expectedAnswer(error: unknown): StoreAnswer | undefined {
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

/** The failure for an error of Secrets Manager, which becomes its cause. */
export function storeFailure(operation: string, error: unknown): RotationError {
  const name = errorName(error);
  const options = { cause: error, details: { ...callDetails(operation, error), error: name } };
  if (isUnknownSecret(error)) {
    return new RotationError('SECRET_MISSING', 'the secret does not exist', options);
  }
  if (says(error, 'InvalidRequestException', /marked for deletion/)) {
    return new RotationError('SECRET_MISSING', 'the secret is marked for deletion', options);
  }
  if (DENIED.has(plainName(name))) {
    return new RotationError('STORE_DENIED', `${operation} is not allowed (${name})`, options);
  }
  if (refusesRequest(error)) {
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
 * Whether Secrets Manager refuses the request itself, so that a retry is refused again. A name
 * that is not known here counts too: AWS is available, and CloudTrail, which the alert names, can
 * explain it.
 */
function refusesRequest(error: unknown): boolean {
  if (!(error instanceof SecretsManagerServiceException)) {
    return false;
  }
  const { name, $metadata } = error;
  const { httpStatusCode: status } = $metadata;
  const isTransient = TRANSIENT.has(plainName(name)) || TRANSIENT_STATUS.has(status);
  return /^4\d\d$/.test(String(status)) && name !== UNNAMED && !isTransient;
}

/** A reply without a required member, such as an empty one, does not prove that the call worked. */
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

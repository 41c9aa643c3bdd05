import { invalidParameter, invalidRequest, type Refusal } from '../state/errors.ts';
import type { ExternalRotation, RotationConfiguration, RotationRules } from '../state/schedule.ts';
import type { Secret } from '../state/secret.ts';
import type { RequestFields } from './request.ts';

/** What RotateSecret asks for: who rotates, and when. */
export type AskedRotation = Omit<RotationConfiguration, 'enabled'>;

/**
 * Reads what was given, and takes from the secret what was not.
 *
 * @throws {Refusal} InvalidRequestException for a rotator that the type of the secret does not have
 */
export function askedRotation(secret: Secret, fields: RequestFields): AskedRotation {
  const { type, rotation: before } = secret;
  const given = fields.object('RotationRules');
  const rules = given ? parseRotationRules(given) : before?.rules;
  const rotator = type === undefined ? byFunction(before, fields) : byAws(before, fields);
  return { ...rotator, ...(rules && { rules }) };
}

/** No function is known that could rotate the secret. */
export function noFunction(): Refusal {
  return invalidRequest('No Lambda rotation function ARN is associated with this secret.');
}

function byFunction(before: AskedRotation | undefined, fields: RequestFields): AskedRotation {
  const lambdaArn = fields.text('RotationLambdaARN', { min: 0, max: 2048 }) ?? before?.lambdaArn;
  if (parseExternal(fields)) {
    throw invalidRequest('The secret has no type, so only a Lambda function can rotate it.');
  }
  if (lambdaArn === undefined) {
    throw noFunction();
  }
  return { lambdaArn };
}

/**
 * A managed external secret has a role in place of a function (Secrets Manager User Guide,
 * rotate-secrets_external). How AWS refuses the rest is unknown; here it is refused.
 */
function byAws(before: AskedRotation | undefined, fields: RequestFields): AskedRotation {
  if (fields.text('RotationLambdaARN') !== undefined) {
    throw invalidRequest('A secret with a type is rotated by Secrets Manager, not by a function.');
  }
  if (fields.flag('RotateImmediately') === false) {
    throw invalidParameter('RotateImmediately is played here for rotation by a function only.');
  }
  const external = { ...before?.external, ...parseExternal(fields) };
  const { roleArn, metadata = [] } = external;
  if (roleArn === undefined) {
    throw invalidRequest('ExternalSecretRotationRoleArn is needed for a secret with a type.');
  }
  return { external: { roleArn, metadata } };
}

/** Role and metadata, as far as they were given; undefined where neither was. */
function parseExternal(fields: RequestFields): Partial<ExternalRotation> | undefined {
  const roleArn = fields.text('ExternalSecretRotationRoleArn', { min: 20, max: 2048 });
  const metadata = fields.objects('ExternalSecretRotationMetadata')?.map(parseMetadata);
  return roleArn === undefined && metadata === undefined
    ? undefined
    : { ...(roleArn !== undefined && { roleArn }), ...(metadata && { metadata }) };
}

/** AWS documents `daysToExpiry`, 1 to 365, and `adminSecretArn`, which is not played. */
function parseMetadata(item: RequestFields): ExternalRotation['metadata'][number] {
  const Key = item.requiredText('Key', 256);
  const Value = item.requiredText('Value', 2048);
  if (Key !== 'daysToExpiry') {
    throw invalidParameter(`The metadata ${Key} is not played here.`);
  }
  if (!/^\d+$/.test(Value) || Number(Value) < 1 || Number(Value) > 365) {
    throw invalidParameter('The metadata daysToExpiry must be within 1-365.');
  }
  return { Key, Value };
}

/**
 * Reads RotationRules (Secrets Manager API, RotationRulesType).
 *
 * @throws {Refusal} InvalidParameterException; also for an expression, which AWS would take
 */
function parseRotationRules(fields: RequestFields): RotationRules {
  const days = fields.wholeNumber('AutomaticallyAfterDays', { min: 1, max: 1000 });
  const duration = fields.text('Duration', { min: 2, max: 3 });
  if (fields.text('ScheduleExpression', { min: 1, max: 256 }) !== undefined) {
    throw invalidParameter('ScheduleExpression is not played here: say AutomaticallyAfterDays.');
  }
  if (duration !== undefined && !/^[1-9]\d?h$/.test(duration)) {
    throw invalidParameter('Duration must be a number of hours, such as 3h.');
  }
  return {
    ...(days !== undefined && { AutomaticallyAfterDays: days }),
    ...(duration !== undefined && { Duration: duration }),
  };
}

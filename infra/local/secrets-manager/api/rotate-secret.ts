import type { RotationFunctions } from '../rotation/function.ts';
import type { RotationOrchestrator } from '../rotation/orchestrator.ts';
import { invalidParameter, invalidRequest, Refusal } from '../state/errors.ts';
import { nextRotationAt, type RotationRules } from '../state/schedule.ts';
import type { Secret } from '../state/secret.ts';
import type { SecretsState } from '../state/state.ts';
import { unfinishedVersion, versionOf } from '../state/versions.ts';
import { requestToken } from './members.ts';
import { identity } from './replies.ts';
import type { RequestFields } from './request.ts';

/** What the two operations of rotation need. */
export interface RotationOperationsDeps {
  readonly state: SecretsState;
  readonly rotation: RotationOrchestrator;
  readonly functions: RotationFunctions;
  readonly now: () => Date;
}

/** RotateSecret and CancelRotateSecret. */
export function rotationOperations({ state, rotation, functions, now }: RotationOperationsDeps) {
  return {
    async RotateSecret(fields: RequestFields): Promise<object> {
      // AWS looks at the token before it looks for the secret.
      const versionId = requestToken(fields, invalidParameter);
      const { arn, rotation: configured } = state.findNotDeleted(fields.requiredText('SecretId'));
      const given = fields.text('RotationLambdaARN', { min: 0, max: 2048 });
      const rules = fields.object('RotationRules');
      const wanted = rules && parseRotationRules(rules);
      const isTest = fields.flag('RotateImmediately') === false;
      const lambdaArn = given ?? configured?.lambdaArn;
      if (lambdaArn === undefined) {
        throw noFunction();
      }
      if (!(await functions.isInvocable(lambdaArn))) {
        throw notInvocable();
      }
      // Others may have been here while the function was asked for.
      const secret = state.findNotDeleted(arn);
      if (!rotation.isRepeated(arn, versionId)) {
        refuseUnfinished(secret, versionId);
        const ready = configure(secret, lambdaArn, wanted, now().getTime());
        rotation.start(ready, isTest ? 'test' : 'rotation', versionId);
      }
      return { ...identity(secret), VersionId: versionId };
    },

    CancelRotateSecret(fields: RequestFields): object {
      const secret = state.findNotDeleted(fields.requiredText('SecretId'));
      if (!secret.rotation) {
        throw noFunction();
      }
      const { nextRotationAt: _, ...unscheduled } = secret;
      state.save({ ...unscheduled, rotation: { ...secret.rotation, enabled: false } });
      rotation.cancel(secret.arn);
      return { ...identity(secret), VersionId: unfinishedVersion(secret)?.versionId };
    },
  };
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

function refuseUnfinished(secret: Secret, versionId: string): void {
  if (unfinishedVersion(secret)) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
  if (versionOf(secret, versionId)) {
    throw invalidRequest(`ClientRequestToken ${versionId} is the id of an existing version.`);
  }
}

/** Rotation on, with what was given and else with what was kept. */
function configure(
  secret: Secret,
  lambdaArn: string,
  wanted: RotationRules | undefined,
  now: number,
): Secret {
  const before = secret.rotation;
  const rules = wanted ?? before?.rules;
  const isSame =
    before?.enabled &&
    before.lambdaArn === lambdaArn &&
    JSON.stringify(before.rules) === JSON.stringify(rules);
  if (isSame) {
    return secret;
  }
  const next = nextRotationAt(rules, now);
  const { nextRotationAt: _, ...unscheduled } = secret;
  return {
    ...unscheduled,
    changedAt: now,
    rotation: { lambdaArn, enabled: true, ...(rules && { rules }) },
    ...(next !== undefined && { nextRotationAt: next }),
  };
}

function noFunction(): Refusal {
  return invalidRequest('No Lambda rotation function ARN is associated with this secret.');
}

function notInvocable(): Refusal {
  return new Refusal(
    'AccessDeniedException',
    'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
  );
}

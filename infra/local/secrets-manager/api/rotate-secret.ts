import { isDeepStrictEqual } from 'node:util';
import type { RotationFunctions } from '../rotation/function.ts';
import type { RotationOrchestrator } from '../rotation/orchestrator.ts';
import { invalidParameter, invalidRequest, Refusal } from '../state/errors.ts';
import { nextRotationAt } from '../state/schedule.ts';
import type { Secret } from '../state/secret.ts';
import type { SecretsState } from '../state/state.ts';
import { unfinishedVersion, versionOf } from '../state/versions.ts';
import { requestToken } from './members.ts';
import { identity } from './replies.ts';
import type { RequestFields } from './request.ts';
import { type AskedRotation, askedRotation, noFunction } from './rotation-settings.ts';

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
      const found = state.findNotDeleted(fields.requiredText('SecretId'));
      const { arn } = found;
      const asked = askedRotation(found, fields);
      const isTest = fields.flag('RotateImmediately') === false;
      if (asked.lambdaArn !== undefined && !(await functions.isInvocable(asked.lambdaArn))) {
        throw notInvocable();
      }
      // Others may have been here while the function was asked for.
      const secret = state.findNotDeleted(arn);
      if (!rotation.isRepeated(arn, versionId)) {
        refuseUnfinished(secret, versionId);
        const ready = configure(secret, asked, now().getTime());
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

function refuseUnfinished(secret: Secret, versionId: string): void {
  if (unfinishedVersion(secret)) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
  if (versionOf(secret, versionId)) {
    throw invalidRequest(`ClientRequestToken ${versionId} is the id of an existing version.`);
  }
}

/** Rotation on, with what is asked for. */
function configure(secret: Secret, asked: AskedRotation, now: number): Secret {
  const before = secret.rotation;
  const rotation = { ...asked, enabled: true };
  if (before?.enabled && isDeepStrictEqual(before, rotation)) {
    return secret;
  }
  const next = nextRotationAt(rotation.rules, now);
  const { nextRotationAt: _, ...unscheduled } = secret;
  return {
    ...unscheduled,
    changedAt: now,
    rotation,
    ...(next !== undefined && { nextRotationAt: next }),
  };
}

function notInvocable(): Refusal {
  return new Refusal(
    'AccessDeniedException',
    'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
  );
}

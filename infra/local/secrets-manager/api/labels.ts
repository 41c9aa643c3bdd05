import { invalidParameter, noValueFor } from '../state/errors.ts';
import type { Secret } from '../state/secret.ts';
import type { SecretsState } from '../state/state.ts';
import { AWSCURRENT, holderOf, moveLabel, versionOf, withLabel } from '../state/versions.ts';
import { identity } from './replies.ts';
import type { RequestFields } from './request.ts';

/** UpdateSecretVersionStage. */
export function labelOperations(state: SecretsState, now: () => Date) {
  return {
    UpdateSecretVersionStage(fields: RequestFields): object {
      const secret = state.findNotDeleted(fields.requiredText('SecretId'));
      const moved = updateStage(secret, {
        label: fields.requiredText('VersionStage'),
        moveTo: fields.text('MoveToVersionId'),
        removeFrom: fields.text('RemoveFromVersionId'),
      });
      state.save(moved === secret ? secret : { ...moved, changedAt: now().getTime() });
      return identity(secret);
    },
  };
}

interface StageUpdate {
  readonly label: string;
  readonly moveTo: string | undefined;
  readonly removeFrom: string | undefined;
}

function updateStage(secret: Secret, { label, moveTo, removeFrom }: StageUpdate): Secret {
  const holder = holderOf(secret, label)?.versionId;
  if (moveTo === undefined && removeFrom === undefined) {
    throw invalidParameter('You must provide MoveToVersionId or RemoveFromVersionId.');
  }
  if (removeFrom !== undefined && removeFrom !== holder) {
    throw invalidParameter(
      `Staging label ${label} is not currently attached to version ${removeFrom}.`,
    );
  }
  if (moveTo === undefined) {
    if (label === AWSCURRENT) {
      throw invalidParameter(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      );
    }
    return withLabel(secret, label);
  }
  if (!versionOf(secret, moveTo)) {
    throw noValueFor(`VersionId: ${moveTo}`);
  }
  if (moveTo === holder) {
    return secret;
  }
  if (holder !== undefined && removeFrom === undefined) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  return moveLabel(secret, label, moveTo);
}

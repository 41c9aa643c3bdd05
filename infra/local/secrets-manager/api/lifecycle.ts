import { invalidParameter } from '../state/errors.ts';
import type { SecretsState } from '../state/state.ts';
import { secretId } from './members.ts';
import { identity, seconds } from './replies.ts';
import type { RequestFields } from './request.ts';

const DAY_MS = 86_400_000;

/** DeleteSecret and RestoreSecret. */
export function lifecycleOperations(state: SecretsState, now: () => Date) {
  return {
    DeleteSecret(fields: RequestFields): object {
      const id = secretId(fields);
      const days = fields.wholeNumber('RecoveryWindowInDays', { min: 7, max: 30 });
      if (fields.flag('ForceDeleteWithoutRecovery')) {
        if (days !== undefined) {
          throw invalidParameter(
            'You can specify ForceDeleteWithoutRecovery or RecoveryWindowInDays, not both.',
          );
        }
        return forceDelete(state, id, now().getTime());
      }
      const secret = state.findNotDeleted(id);
      const deletedAt = now().getTime() + (days ?? 30) * DAY_MS;
      state.save({ ...secret, deletedAt });
      return { ...identity(secret), DeletionDate: seconds(deletedAt) };
    },

    RestoreSecret(fields: RequestFields): object {
      const { deletedAt: _, ...restored } = state.find(fields.requiredText('SecretId'));
      state.save(restored);
      return identity(restored);
    },
  };
}

function forceDelete(state: SecretsState, id: string, now: number): object {
  const secret = state.lookUp(id);
  if (!secret) {
    // AWS does not report an unknown secret here (API DeleteSecret).
    return { Name: id, DeletionDate: seconds(now) };
  }
  state.remove(secret.arn);
  return { ...identity(secret), DeletionDate: seconds(now) };
}

import type { Details } from '../failure.ts';
import type { Attempt } from './attempt.ts';

/** Tells that a rotation goes on which would have failed: no failure, but somebody should know. */
export async function tellHealed({ invocation }: Attempt, details: Details): Promise<void> {
  invocation.log.warn('the rotation is healed', details);
  await invocation.notify({ code: 'HEALED', details });
}

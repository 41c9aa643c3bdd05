import type { Run } from '../ports/step.ts';

/**
 * Second step. Elsewhere it gives the new credential to the service. GitLab
 * issued the token itself, so there is nothing to set and no call to make.
 */
export async function setSecret({ log }: Run): Promise<void> {
  log.info('nothing to set: GitLab has applied the rotation');
}

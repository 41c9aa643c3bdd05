import type { GitLab } from '../gitlab/gitlab.ts';
import { MAINTAINER } from '../gitlab/state/access.ts';
import type { Resource } from '../gitlab/state/model.ts';

/**
 * The token of a person who may rotate those of a project, or of every project below a group: no
 * bot may.
 *
 * @param expiresAt - `YYYY-MM-DD`, or null for never
 * @returns what a person would put into the recovery secret
 */
export function recoveryCredential(
  gitlab: GitLab,
  resource: Resource,
  expiresAt: string | null,
): string {
  const user = gitlab.addUser({ name: 'maintainer' });
  gitlab.addMember(user, resource, MAINTAINER);
  const { id, token } = gitlab.createPersonalToken({
    user,
    name: 'recovery',
    scopes: ['api'],
    expiresAt,
  });
  return JSON.stringify({ token, tokenId: String(id) });
}

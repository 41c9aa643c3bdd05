import type { ActiveToken } from '../../../lambda/ports/access-tokens.ts';

/** What a probe has shown of a token to rotate. Its scope does not prove the version of GitLab. */
export const PROBED: ActiveToken = {
  tokenId: '4',
  scopes: ['api'],
  expiresAt: '2027-02-20',
  canRotate: true,
};

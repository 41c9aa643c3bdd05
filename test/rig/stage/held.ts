import type { CreatedToken } from '../../../infra/local/gitlab/administration.ts';
import type { Project } from '../../../infra/local/gitlab/state/model.ts';

/** How a secret holds its token. In plain text it says neither its id nor its project. */
export type Shape = 'JSON' | 'plain text';

/** A token, and its id where it is said. */
export interface HeldToken {
  /** Undefined where the version is empty. */
  readonly token: string | undefined;
  readonly tokenId: number | undefined;
}

/** What a version says of its token, and of its standby. */
export interface Held extends HeldToken {
  readonly standby?: HeldToken;
}

export function readHeld(secretString: string | undefined): Held {
  if (!secretString?.startsWith('{')) {
    return { token: secretString?.trim(), tokenId: undefined };
  }
  const { standby, ...current } = JSON.parse(secretString);
  return { ...tokenOf(current), ...(standby && { standby: tokenOf(standby) }) };
}

function tokenOf({ token, tokenId }: { token?: string; tokenId?: string }): HeldToken {
  return { token, tokenId: tokenId === undefined ? undefined : Number(tokenId) };
}

/** The text of a secret that a person makes. */
export function secretStringFor(
  shape: Shape,
  { path }: Project,
  { id, token }: CreatedToken,
  standby?: HeldToken,
): string {
  return shape === 'plain text'
    ? token
    : JSON.stringify({
        token,
        tokenId: String(id),
        projectId: path,
        ...(standby && { standby: { token: standby.token, tokenId: String(standby.tokenId) } }),
      });
}

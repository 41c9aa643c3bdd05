import type { CreatedToken } from '../../../infra/local/gitlab/administration.ts';
import type { Project } from '../../../infra/local/gitlab/model.ts';

/** How a secret holds its token. In plain text it says neither its id nor its project. */
export type Shape = 'JSON' | 'plain text';

/** What a version says of its token. */
export interface Held {
  /** Undefined where the version is empty. */
  readonly token: string | undefined;
  readonly tokenId: number | undefined;
}

export function readHeld(secretString: string | undefined): Held {
  if (!secretString?.startsWith('{')) {
    return { token: secretString?.trim(), tokenId: undefined };
  }
  const { token, tokenId } = JSON.parse(secretString);
  return { token, tokenId: tokenId === undefined ? undefined : Number(tokenId) };
}

/** The text of a secret that a person makes. */
export function secretStringFor(
  shape: Shape,
  { path }: Project,
  { id, token }: CreatedToken,
): string {
  return shape === 'plain text'
    ? token
    : JSON.stringify({ token, tokenId: String(id), projectId: path });
}

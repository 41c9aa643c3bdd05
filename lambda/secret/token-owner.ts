import type { TokenOwner } from '../ports/access-tokens.ts';
import { malformed, type SecretMembers } from './secret-members.ts';

/**
 * The project or group that a JSON secret names, which may be neither.
 *
 * @param projectId - GITLAB_PROJECT_ID, for a secret that names neither
 * @throws {RotationError} SECRET_MALFORMED
 */
export function parseOwner(
  members: Pick<SecretMembers, 'projectId' | 'groupId'>,
  projectId: string | undefined,
): TokenOwner {
  const project = parsePath('projectId', members.projectId?.value);
  const group = parsePath('groupId', members.groupId?.value);
  if (project !== undefined && group !== undefined) {
    throw malformed('the secret has both projectId and groupId, but a token belongs to one');
  }
  return ownerOf(project ?? projectId, group);
}

export function ownerOf(projectId: string | undefined, groupId: string | undefined): TokenOwner {
  if (groupId !== undefined) {
    return { kind: 'group', id: groupId };
  }
  return projectId === undefined ? { kind: 'token' } : { kind: 'project', id: projectId };
}

function parsePath(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const path = textOf(value);
  // A larger number would be another one by the time that it is read.
  const isId = Number.isSafeInteger(value) && Number(value) > 0;
  if (!isId && !(typeof value === 'string' && isNumberOrPath(value))) {
    throw malformed(`the ${name} of the secret is neither a number nor a full path like group/app`);
  }
  return path;
}

/** A text or a number as text; anything else, which `String` may refuse to convert, is empty. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What GitLab takes for `:id`: a number, or a full path, not URL-encoded. */
export function isNumberOrPath(id: string): boolean {
  // No segment of dots alone: it would leave the path of the endpoint.
  return /^(?!\.{1,2}(\/|$))[\w.][\w.-]*(\/(?!\.{1,2}(\/|$))[\w.][\w.-]*)*$/.test(id);
}

import { RotationError } from './failure.ts';
import {
  applyEdits,
  type Edit,
  type JsonMember,
  parseJsonMembers,
  removal,
} from './json-members.ts';
import type { IssuedToken, RotationSettings, TokenOwner } from './ports.ts';

/** What a secret says, in either of its shapes. */
export interface SecretValue {
  readonly token: string;
  readonly tokenId?: string;
  readonly owner: TokenOwner;
}

const LONGEST_TOKEN = 512;
/** Secrets Manager's limit for a value, in bytes of UTF-8. */
const LARGEST_SECRET = 65_536;
/** What takes most room: a quote is two characters in JSON, and an id has 64 bits. */
const LARGEST_SUCCESSOR: IssuedToken = {
  token: '"'.repeat(LONGEST_TOKEN),
  tokenId: '9'.repeat(20),
};

/**
 * Reads a secret: a JSON object with the token in `tokenField`, or the bare
 * token as plain text. Its content never shows in an error.
 *
 * @throws {RotationError} SECRET_MALFORMED
 */
export function parseSecret(secretString: string, settings: RotationSettings): SecretValue {
  const { tokenField, gitlabUrl, projectId } = settings;
  if (!isJson(secretString)) {
    const token = secretString.trim();
    requireToken(token, 'the secret, read as plain text,');
    return { token, owner: ownerOf(projectId, undefined) };
  }
  const members = namedMembers(requireMembers(secretString), tokenField);
  const token = members.token.value;
  requireToken(token, memberName(tokenField, tokenField));
  requireRoom(secretString, tokenField);
  requireOwnGitLab(members.gitlabUrl?.value, gitlabUrl);
  const project = parsePath('projectId', members.projectId?.value);
  const group = parsePath('groupId', members.groupId?.value);
  if (project !== undefined && group !== undefined) {
    throw malformed('the secret has both projectId and groupId, but a token belongs to one');
  }
  const tokenId = parseTokenId(members.tokenId?.value);
  return {
    token,
    ...(tokenId !== undefined && { tokenId }),
    owner: ownerOf(project ?? projectId, group),
  };
}

/**
 * The secret with the successor in place of the token, in the shape it had.
 * Whatever else stands in a JSON secret stays, byte for byte.
 */
export function withSuccessor(
  secretString: string,
  tokenField: string,
  { token, tokenId }: IssuedToken,
): string {
  if (!isJson(secretString)) {
    return token;
  }
  const all = requireMembers(secretString);
  const { token: held, tokenId: heldId } = namedMembers(all, tokenField);
  const edits: Edit[] = [{ start: held.valueStart, end: held.end, text: JSON.stringify(token) }];
  if (heldId !== undefined) {
    edits.push(
      tokenId === undefined
        ? // The old id would be wrong, and testSecret would refuse the successor for it.
          removal(all, heldId)
        : { start: heldId.valueStart, end: heldId.end, text: JSON.stringify(tokenId) },
    );
  } else if (tokenId !== undefined) {
    edits.push({ start: held.end, end: held.end, text: `,"tokenId":${JSON.stringify(tokenId)}` });
  }
  return applyEdits(secretString, edits);
}

function isJson(secretString: string): boolean {
  return secretString.trimStart().startsWith('{');
}

function requireMembers(secretString: string): readonly JsonMember[] {
  const members = parseJsonMembers(secretString);
  if (members === undefined) {
    throw malformed('the secret begins with "{" but is not a JSON object');
  }
  return members;
}

/** The members with a meaning here; each may stand in the secret once at most. */
function namedMembers(members: readonly JsonMember[], tokenField: string) {
  const only = (key: string): JsonMember | undefined => {
    const [member, second] = members.filter((candidate) => candidate.key === key);
    if (second !== undefined) {
      // Which of them a consumer reads depends on its parser.
      throw malformed(`${memberName(key, tokenField)} stands in the secret twice`);
    }
    return member;
  };
  const token = only(tokenField);
  if (token === undefined) {
    throw malformed(`${memberName(tokenField, tokenField)} is missing in the secret`);
  }
  return {
    token,
    tokenId: only('tokenId'),
    gitlabUrl: only('gitlabUrl'),
    projectId: only('projectId'),
    groupId: only('groupId'),
  };
}

/** A token may have been put into TOKEN_FIELD by mistake, so that is not quoted. */
function memberName(key: string, tokenField: string): string {
  const isOwn = key === tokenField && key !== 'token';
  return isOwn ? 'the member that TOKEN_FIELD names' : `the member "${key}"`;
}

function requireToken(token: unknown, where: string): asserts token is string {
  if (token === '') {
    throw malformed(`${where} holds no token`);
  }
  if (typeof token !== 'string' || !isToken(token)) {
    throw malformed(
      `${where} is not a token: allowed are 1 to ${LONGEST_TOKEN} printable ASCII characters without white space`,
    );
  }
}

/** GitLab's tokens are opaque; this much keeps them fit for an HTTP header. */
export function isToken(text: string): boolean {
  return text.length <= LONGEST_TOKEN && /^[\x21-\x7e]+$/.test(text);
}

/**
 * A successor may be longer than its predecessor, and must fit once it exists.
 * Measured on what may be written: what was written then passes too, in testSecret.
 */
function requireRoom(secretString: string, tokenField: string): void {
  const bytes = byteLength(secretString);
  const growth = byteLength(withSuccessor(secretString, tokenField, LARGEST_SUCCESSOR)) - bytes;
  const largest = LARGEST_SECRET - growth;
  if (bytes > largest) {
    throw malformed(
      `the secret has ${bytes} bytes, too many to store a successor: allowed are ${largest}`,
    );
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A changed secret must not be able to send a token elsewhere. */
function requireOwnGitLab(url: unknown, allowed: string): void {
  if (url === undefined || url === null) {
    return;
  }
  if (typeof url !== 'string' || !URL.canParse(url) || normalised(url) !== normalised(allowed)) {
    throw malformed('the gitlabUrl of the secret is not the GITLAB_URL of this function');
  }
}

function normalised(url: string): string {
  return new URL(url).href.replace(/\/+$/, '');
}

function ownerOf(projectId: string | undefined, groupId: string | undefined): TokenOwner {
  if (groupId !== undefined) {
    return { kind: 'group', id: groupId };
  }
  return projectId === undefined ? { kind: 'token' } : { kind: 'project', id: projectId };
}

function parseTokenId(value: unknown): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const id = textOf(value);
  if (!/^[1-9]\d{0,19}$/.test(id)) {
    throw malformed('the tokenId of the secret is not a positive whole number');
  }
  return id;
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
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What GitLab takes for `:id`: a number, or a full path, not URL-encoded. */
export function isNumberOrPath(id: string): boolean {
  // No segment of dots alone: it would leave the path of the endpoint.
  return /^(?!\.{1,2}(\/|$))[\w.][\w.-]*(\/(?!\.{1,2}(\/|$))[\w.][\w.-]*)*$/.test(id);
}

function malformed(reason: string): RotationError {
  return new RotationError('SECRET_MALFORMED', reason);
}

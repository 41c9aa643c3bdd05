import { RotationError } from '../failure.ts';
import { type JsonMember, parseJsonMembers } from './json-members.ts';

/** Whether a secret is one of the JSON shape. */
export function isJson(secretString: string): boolean {
  return secretString.trimStart().startsWith('{');
}

/** A token as a secret holds it. */
export interface HeldToken {
  readonly token: string;
  readonly tokenId?: string;
}

/** The id of a token, where it is known: as details of a failure, or as members of a value. */
export function knownId(token: {
  readonly tokenId?: string | undefined;
}): Pick<HeldToken, 'tokenId'> {
  const { tokenId } = token;
  return { ...(tokenId !== undefined && { tokenId }) };
}

/** The members of an object, and those of them that hold a token and its id. */
export interface TokenMembers {
  readonly all: readonly JsonMember[];
  readonly token: JsonMember;
  readonly tokenId: JsonMember | undefined;
}

/** The members of a JSON secret that have a meaning here. Each occurs at most once. */
export interface SecretMembers extends TokenMembers {
  readonly gitlabUrl: JsonMember | undefined;
  readonly projectId: JsonMember | undefined;
  readonly groupId: JsonMember | undefined;
  /** Undefined too where it is null: then there is no standby. */
  readonly standby: StandbyMembers | undefined;
}

/** The members of `standby`, where the fields are always `token` and `tokenId`. */
export interface StandbyMembers extends TokenMembers {
  /** Where its text begins in the secret. Positions of its members are counted from there. */
  readonly offset: number;
}

/** @throws {RotationError} SECRET_MALFORMED, quoting nothing of the secret */
export function readMembers(secretString: string, tokenField: string): SecretMembers {
  const all = parseJsonMembers(secretString);
  if (all === undefined) {
    throw malformed('the secret begins with "{" but is not a JSON object');
  }
  const named = (key: string) => onlyMember(all, key, memberName(key, tokenField));
  const token = named(tokenField);
  if (token === undefined) {
    throw malformed(`${memberName(tokenField, tokenField)} is missing in the secret`);
  }
  return {
    all,
    token,
    tokenId: named('tokenId'),
    gitlabUrl: named('gitlabUrl'),
    projectId: named('projectId'),
    groupId: named('groupId'),
    standby: readStandby(secretString, named('standby')),
  };
}

function readStandby(
  secretString: string,
  member: JsonMember | undefined,
): StandbyMembers | undefined {
  if (member === undefined || member.value === null) {
    return undefined;
  }
  const all = parseJsonMembers(secretString.slice(member.valueStart, member.end));
  const token = all && onlyMember(all, 'token', STANDBY_TOKEN);
  if (all === undefined || token === undefined) {
    throw malformed('the field "standby" is not an object with the token in its field "token"');
  }
  const tokenId = onlyMember(all, 'tokenId', 'the tokenId of the standby');
  return { all, token, tokenId, offset: member.valueStart };
}

function onlyMember(
  members: readonly JsonMember[],
  key: string,
  name: string,
): JsonMember | undefined {
  const [member, second] = members.filter((candidate) => candidate.key === key);
  if (second !== undefined) {
    // Which of them a consumer reads depends on its parser.
    throw malformed(`${name} stands in the secret twice`);
  }
  return member;
}

/** How a failure names the standby token. */
export const STANDBY_TOKEN = 'the token of the standby';

/** A token may have been put into TOKEN_FIELD by mistake, so that is not quoted. */
export function memberName(key: string, tokenField: string): string {
  const isOwn = key === tokenField && key !== 'token';
  return isOwn ? 'the field that TOKEN_FIELD names' : `the field "${key}"`;
}

/** SECRET_MALFORMED. */
export function malformed(reason: string): RotationError {
  return new RotationError('SECRET_MALFORMED', reason);
}

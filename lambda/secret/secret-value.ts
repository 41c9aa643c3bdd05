import type { RotationError } from '../failure.ts';
import type { IssuedToken, TokenOwner } from '../ports/access-tokens.ts';
import type { RotationSettings } from '../ports/step.ts';
import {
  type HeldToken,
  isJson,
  malformed,
  memberName,
  readMembers,
  STANDBY_TOKEN,
  type StandbyMembers,
} from './secret-members.ts';
import { withSuccessor } from './successor-value.ts';
import { ownerOf, parseOwner, textOf } from './token-owner.ts';
import { LONGEST_TOKEN, requireToken } from './token-text.ts';

/** The content of a secret, in either of its shapes. */
export interface SecretValue extends HeldToken {
  readonly owner: TokenOwner;
  /** A second token of the same project: then the two alternate, and the standby is rotated. */
  readonly standby?: HeldToken;
}

/** Secrets Manager's limit for a value, in bytes of UTF-8. */
const LARGEST_SECRET = 65_536;
/** The longest possible in JSON: a quote takes two characters, and an id has 64 bits. */
const LARGEST_SUCCESSOR: IssuedToken = {
  token: '"'.repeat(LONGEST_TOKEN),
  tokenId: '9'.repeat(20),
};

/**
 * Reads a secret: a JSON object with the token in `tokenField` and perhaps a
 * standby, or the bare token as plain text, which has no room for one. Other JSON
 * than an object is neither. Its content never shows in an error.
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
  const members = readMembers(secretString, tokenField);
  const token = members.token.value;
  requireToken(token, memberName(tokenField, tokenField));
  const standby = members.standby && parseStandby(members.standby, token);
  requireRoom(secretString, tokenField);
  requireOwnGitLab(members.gitlabUrl?.value, gitlabUrl);
  return {
    token,
    ...idIn('the tokenId of the secret', members.tokenId?.value),
    owner: parseOwner(members, projectId),
    ...(standby && { standby }),
  };
}

function parseStandby({ token: member, tokenId }: StandbyMembers, current: string): HeldToken {
  const token = member.value;
  requireToken(token, STANDBY_TOKEN);
  if (token === current) {
    throw malformed(
      'the secret holds the same token twice: as its token and as its standby',
    ).withDetails({ duplicate: 'standby' });
  }
  return { token, ...idIn('the tokenId of the standby', tokenId?.value) };
}

function idIn(name: string, value: unknown): Pick<HeldToken, 'tokenId'> {
  if (value === undefined || value === null) {
    return {};
  }
  const tokenId = textOf(value);
  if (!/^[1-9]\d{0,19}$/.test(tokenId)) {
    throw malformed(`${name} is not a positive whole number`);
  }
  return { tokenId };
}

/**
 * A successor may be longer than its predecessor, and must fit once it exists.
 * Measured on what may be written: what was written then passes too, in testSecret.
 */
function requireRoom(secretString: string, tokenField: string): void {
  const bytes = byteLength(secretString);
  const largestValue = withSuccessor(
    secretString,
    tokenField,
    LARGEST_SUCCESSOR,
    LARGEST_SUCCESSOR,
  );
  const growth = byteLength(largestValue) - bytes;
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

/**
 * The failure of a value without a standby where ALTERNATING_TOKENS is set: rotated as one
 * token, it would leave consumers with a revoked one for a moment, and nobody would know why.
 *
 * Only for a value that is to be rotated. Old versions in which a successor is searched,
 * and the recovery secret, need no standby.
 *
 * @returns SECRET_MALFORMED, whose `missing` is `standby`, and `form` that of the secret
 */
export function missingStandby(
  secretString: string,
  { standby }: SecretValue,
  { alternatingTokens }: RotationSettings,
): RotationError | undefined {
  if (alternatingTokens !== true || standby !== undefined) {
    return undefined;
  }
  const [form, reason] = isJson(secretString)
    ? ['json', 'the field "standby" is missing']
    : ['plain-text', 'the secret is plain text, which has no room for a standby'];
  return malformed(`${reason}, and ALTERNATING_TOKENS asks for one`).withDetails({
    missing: 'standby',
    form: String(form),
  });
}

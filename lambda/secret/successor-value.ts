import type { IssuedToken } from '../ports/access-tokens.ts';
import { applyEdits, type Edit, type JsonMember, removal } from './json-members.ts';
import { type HeldToken, isJson, readMembers, type TokenMembers } from './secret-members.ts';

/**
 * The secret with the successor in place of the token, in the shape it had.
 * Whatever else stands in a JSON secret stays, byte for byte.
 *
 * @param standby - what becomes the standby of a secret that has one
 */
export function withSuccessor(
  secretString: string,
  tokenField: string,
  successor: IssuedToken,
  standby?: HeldToken,
): string {
  if (!isJson(secretString)) {
    return successor.token;
  }
  const members = readMembers(secretString, tokenField);
  const edits = editsFor(members, successor);
  if (members.standby !== undefined && standby !== undefined) {
    const { offset } = members.standby;
    const inner = editsFor(members.standby, standby);
    edits.push(
      ...inner.map(({ start, end, text }) => ({ start: start + offset, end: end + offset, text })),
    );
  }
  return applyEdits(secretString, edits);
}

/** Puts a token and its id in the place of what an object holds. */
function editsFor(members: TokenMembers, { token, tokenId }: HeldToken): Edit[] {
  const edits: Edit[] = [replacement(members.token, token)];
  if (members.tokenId !== undefined) {
    edits.push(
      tokenId === undefined
        ? // The old id would be wrong, and testSecret would refuse the successor for it.
          removal(members.all, members.tokenId)
        : replacement(members.tokenId, tokenId),
    );
  } else if (tokenId !== undefined) {
    const { end } = members.token;
    edits.push({ start: end, end, text: `,"tokenId":${JSON.stringify(tokenId)}` });
  }
  return edits;
}

function replacement({ valueStart, end }: JsonMember, value: string): Edit {
  return { start: valueStart, end, text: JSON.stringify(value) };
}

/** A top-level member of a JSON object and where it stands in the text. */
export interface JsonMember {
  readonly key: string;
  readonly value: unknown;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/** Replaces the characters from `start` up to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const LEXEME = /"(?:[^"\\]+|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * The members of a JSON object in their order, duplicates included.
 *
 * Positions, because parsing and printing anew would change what is not ours:
 * large numbers, duplicate or integer-like keys, white space.
 *
 * @returns undefined when the text is not a JSON object
 */
export function parseJsonMembers(text: string): readonly JsonMember[] | undefined {
  if (!isJsonObject(text)) {
    return undefined;
  }
  const members: JsonMember[] = [];
  let depth = 0;
  let member: { key: string; start: number; valueStart?: number; end: number } | undefined;
  for (const { 0: lexeme, index } of text.matchAll(LEXEME)) {
    const end = index + lexeme.length;
    depth -= lexeme === '}' || lexeme === ']' ? 1 : 0;
    if (depth === 0 || (depth === 1 && lexeme === ',')) {
      if (member?.valueStart !== undefined) {
        const { key, start, valueStart, end: valueEnd } = member;
        const value: unknown = JSON.parse(text.slice(valueStart, valueEnd));
        members.push({ key, value, start, valueStart, end: valueEnd });
      }
      member = undefined;
    } else if (member === undefined) {
      member = { key: String(JSON.parse(lexeme)), start: index, end };
    } else if (lexeme !== ':') {
      member.valueStart ??= index;
      member.end = end;
    }
    depth += lexeme === '{' || lexeme === '[' ? 1 : 0;
  }
  return members;
}

/** Takes a member out together with the comma that it no longer needs. */
export function removal(members: readonly JsonMember[], member: JsonMember): Edit {
  const index = members.indexOf(member);
  const before = members[index - 1];
  const after = members[index + 1];
  return before === undefined
    ? { start: member.start, end: after?.start ?? member.end, text: '' }
    : { start: before.end, end: member.end, text: '' };
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  // From the end, so that earlier positions stay what they are.
  return edits
    .toSorted((one, other) => other.start - one.start)
    .reduce((edited, { start, end, text: inserted }) => {
      return edited.slice(0, start) + inserted + edited.slice(end);
    }, text);
}

function isJsonObject(text: string): boolean {
  try {
    // `trim` takes a byte order mark off too, which `JSON.parse` refuses.
    const value: unknown = JSON.parse(text.trim());
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    // Not bound: the message of this error quotes the text, here a secret.
    return false;
  }
}

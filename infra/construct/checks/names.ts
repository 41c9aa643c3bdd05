/** Shorter ones are the beginning or the end of too many names. */
const SHORTEST_PART = 3;

/** The known name that was meant: one that is spelt much like it, or the only one that ends with it. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  const text = given.toLowerCase();
  const [nearest] = known
    .map((name) => ({ name, edits: editsBetween(text, name.toLowerCase()) }))
    .sort((one, other) => one.edits - other.edits);
  const mostEdits = Math.max(2, given.length / 3);
  // Where half of a short name differs, it is another word.
  const shorter = Math.min(given.length, nearest?.name.length ?? 0);
  if (nearest && nearest.edits <= Math.min(mostEdits, shorter / 2)) {
    return nearest.name;
  }
  const ending = known.filter((name) => name.toLowerCase().endsWith(text));
  return text.length >= SHORTEST_PART && ending.length === 1 ? ending[0] : undefined;
}

/**
 * What can be done about a name that is not known: the name that was meant, else all that begin with
 * it, else all that there are.
 *
 * @param prefix precedes each name in the text
 */
export function knownNames(given: string, known: readonly string[], prefix = ''): string {
  const nearest = nearestName(given, known);
  const likely = nearest === undefined ? namesWith(given, known) : [nearest];
  const [last, ...others] = likely.map((name) => `${prefix}${name}`).reverse();
  if (last === undefined) {
    return `Known here: ${known.map((name) => `${prefix}${name}`).join(', ')}`;
  }
  const before = others.length > 0 ? `${others.reverse().join(', ')} or ` : '';
  return `Did you mean ${before}${last}?`;
}

function namesWith(beginning: string, known: readonly string[]): readonly string[] {
  const text = beginning.toLowerCase();
  return text.length < SHORTEST_PART
    ? []
    : known.filter((name) => name.toLowerCase().startsWith(text));
}

/** Levenshtein's distance: characters to insert, delete or exchange. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, char] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherChar] of [...other].entries()) {
      const exchanged = (row[column] ?? 0) + (char === otherChar ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Shorter ones are the end of too many names. */
const SHORTEST_END = 3;

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
  return text.length >= SHORTEST_END && ending.length === 1 ? ending[0] : undefined;
}

/** What can be done about a name that is not known. */
export function knownNames(given: string, known: readonly string[]): string {
  const nearest = nearestName(given, known);
  return nearest === undefined ? `Known here: ${known.join(', ')}` : `Did you mean ${nearest}?`;
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

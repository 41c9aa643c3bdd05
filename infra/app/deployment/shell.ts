/** Text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w/+=.@:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command for one id, or a loop for several. @param command where `"$SECRET_ID"` stands for the id */
export function forEachId(ids: readonly string[], command: string): string {
  const [id = ''] = ids;
  return ids.length === 1
    ? command.replaceAll('"$SECRET_ID"', shellWord(id))
    : `for SECRET_ID in ${ids.map(shellWord).join(' ')}; do ${command}; done`;
}

/**
 * The README with a text between the marks of the command that makes it.
 *
 * @param script a script of package.json with the option `--readme`
 * @throws {Error} where the marks are missing
 */
export function withBlock(readme: string, script: string, text: string): string {
  const beginMark = `<!-- ${script}: made by \`npm run ${script} -- --readme\` -->`;
  const endMark = `<!-- /${script} -->`;
  const begin = readme.indexOf(beginMark);
  const end = readme.indexOf(endMark);
  if (begin === -1 || end < begin) {
    throw new Error(`README.md must hold ${beginMark} and ${endMark}`);
  }
  return `${readme.slice(0, begin + beginMark.length)}\n\n${text}\n\n${readme.slice(end)}`;
}

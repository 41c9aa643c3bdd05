/** What the commands of this folder share at the terminal. */

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Shows text on a line of its own that is written over, where a person looks. */
export function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r${text.padEnd(40)}${text === '' ? '\r' : ''}`);
  }
}

/**
 * Runs a script of package.json with its arguments; what goes wrong is told in a line.
 *
 * @param main returns the exit code
 */
export async function runScript(
  script: string,
  main: (args: readonly string[]) => Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(`See npm run ${script} -- --help\n`);
    process.exitCode = 2;
  }
}

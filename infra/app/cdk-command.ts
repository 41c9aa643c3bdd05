/**
 * Runs a command, whose result is its exit code. An error is printed in its words alone, with exit
 * code 1; with its stack where `cdk --debug` or the environment sets CDK_DEBUG.
 *
 * A reader that closes the output, as `head` does, stops no deployment.
 */
export async function runCdkCommand(
  main: (args: readonly string[]) => Promise<number>,
): Promise<void> {
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') {
        throw error;
      }
    });
  }
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (process.env['CDK_DEBUG'] !== undefined) {
      throw error;
    }
    process.stderr.write(`\n${messageOf(error)}\n\n`);
    process.exitCode = 1;
  }
}

/** The toolkit wraps the errors of the app in one that says nothing. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.message === 'Assembly builder failed' && error.cause
    ? messageOf(error.cause)
    : error.message;
}

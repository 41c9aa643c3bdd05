import { heedInterruptions, type Interruptions } from './interruptions.ts';
import { setToolSettingsAside } from './tool-settings.ts';

/** What a command is given beside its arguments. */
export interface CommandContext {
  /** The environment as the person has it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interruptions: Interruptions;
}

export interface CommandProps {
  /** What a person has set for the AWS CLI and for proxies stays. @default false */
  readonly callsAws?: boolean;
}

/**
 * Runs a command of this project. An error is printed in one line, with exit code 2.
 *
 * @param name what a person types, such as `npm start`
 * @param main returns the exit code
 */
export async function runCommand(
  name: string,
  main: (args: readonly string[], context: CommandContext) => Promise<number>,
  { callsAws = false }: CommandProps = {},
): Promise<void> {
  const env = { ...process.env };
  if (!callsAws) {
    setToolSettingsAside();
  }
  const interruptions = heedInterruptions();
  try {
    process.exitCode = await main(process.argv.slice(2), { env, interruptions });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(`See ${name} -- --help\n`);
    process.exitCode = 2;
  }
}

/** The option that every command has, in the form of `parseArgs`. */
export const HELP_OPTION = { type: 'boolean', short: 'h', default: false } as const;

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Shows text on a line of its own that is written over, where a person looks. */
export function printStatus(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r${text.padEnd(40)}${text === '' ? '\r' : ''}`);
  }
}

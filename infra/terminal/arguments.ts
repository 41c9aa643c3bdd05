import { type ParseArgsConfig, parseArgs } from 'node:util';
import { knownNames } from '../construct/checks/names.ts';

/** npm has options of these names itself: who sets them may mean npm. */
const OPTIONS_OF_NPM: readonly string[] = ['json', 'only', 'yes'];

/**
 * The arguments of a command, read by `parseArgs` of Node.
 *
 * @throws {Error} for an option that is none, with the one that was meant; for an option that npm has taken
 */
export function readArguments<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  requireNoneTaken(Object.keys(config.options ?? {}));
  try {
    return parseArgs(config);
  } catch (error) {
    // Node's own words are about a positional argument that begins with a hyphen.
    const [, hyphens, name] = /^Unknown option '(--?)([^']*)'/.exec((error as Error).message) ?? [];
    if (hyphens === undefined || name === undefined) {
      throw error;
    }
    const known = knownNames(name, Object.keys(config.options ?? {}), '--');
    throw new Error(`${hyphens}${name} is not an option. ${known}`, { cause: error });
  }
}

/**
 * Without `--` before it, npm takes an option for one of its own, and tells scripts of it in a variable. The
 * command would run without it: `--profile` would not keep it from another account.
 */
function requireNoneTaken(names: readonly string[]): void {
  const taken = names
    .filter((name) => !OPTIONS_OF_NPM.includes(name))
    .filter((name) => process.env[variableOfNpm(name)] !== undefined)
    .map((name) => `--${name}`);
  if (taken.length === 0) {
    return;
  }
  const script = process.env['npm_lifecycle_event'] ?? 'start';
  const command = script === 'start' ? 'npm start' : `npm run ${script}`;
  throw new Error(
    `npm took ${taken.join(' and ')} for its own. Put -- before the options: ${command} -- ${taken.join(' ')}`,
  );
}

function variableOfNpm(option: string): string {
  return `npm_config_${option.replaceAll('-', '_')}`;
}

/** @throws {Error} that says what was given and what is allowed */
export function readWholeNumber(
  option: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new Error(`--${option} must be a whole number from ${min} to ${max}, got "${text}"`);
  }
  return value;
}

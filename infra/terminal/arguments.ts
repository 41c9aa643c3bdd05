import { type ParseArgsConfig, parseArgs } from 'node:util';
import { knownNames } from '../construct/checks/names.ts';

/**
 * The arguments of a command, read by `parseArgs` of Node.
 *
 * @throws {Error} for an option that is none, with the one that was meant
 */
export function readArguments<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
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

import { isProblem, type Variable } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables and collects their problems. White space around a value is ignored, and an empty
 * value counts as missing. A variable with a problem reads as undefined.
 */
export class VariableReader {
  readonly problems: { readonly variable: string; readonly text: string }[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Reads the first of several spellings that is set. */
  optional<T>(parse: Variable<T>, ...spellings: readonly string[]): T | undefined {
    for (const variable of spellings) {
      const text = this.#textOf(variable);
      if (text !== undefined) {
        const parsed = parse(text);
        return isProblem(parsed) ? this.#reject(variable, parsed.problem) : parsed;
      }
    }
    return undefined;
  }

  /** The same, as a member of this name, which is absent where the variable is. */
  member<Name extends string, T>(
    name: Name,
    parse: Variable<T>,
    ...spellings: readonly string[]
  ): Readonly<Partial<Record<Name, T>>> {
    const value = this.optional(parse, ...spellings);
    const member = value === undefined ? {} : { [name]: value };
    return member as Partial<Record<Name, T>>;
  }

  required<T>(parse: Variable<T>, variable: string, what: string): T | undefined {
    return this.#textOf(variable) === undefined
      ? this.#reject(variable, `is missing: set it to ${what}`)
      : this.optional(parse, variable);
  }

  #textOf(variable: string): string | undefined {
    return this.#env[variable]?.trim() || undefined;
  }

  #reject(variable: string, problem: string): undefined {
    this.problems.push({ variable, text: `${variable} ${problem}` });
  }
}

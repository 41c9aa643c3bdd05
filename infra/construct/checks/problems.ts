/** Without the `undefined` of a check that has refused something. */
type Checked<T> = { readonly [K in keyof T]: NonNullable<T[K]> };

/** What checks refuse, so that the user learns of all of it at once. */
export class Problems {
  readonly #texts: string[] = [];

  /** @returns what the check returns, or undefined where it refuses something */
  attempt<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      // A TypeError, and an error of CDK, is not for this list.
      if (!(error instanceof Error) || error.constructor !== Error) {
        throw error;
      }
      this.#texts.push(...error.message.split('\n'));
      return undefined;
    }
  }

  /**
   * @param checked what the checks have returned
   * @throws {Error} with a line for each problem, if there is one
   */
  refuse<T extends object>(checked: T = {} as T): Checked<T> {
    if (this.#texts.length > 0) {
      throw new Error([...new Set(this.#texts)].join('\n'));
    }
    // No problem: each check has returned.
    return checked as Checked<T>;
  }
}

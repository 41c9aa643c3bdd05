/**
 * Says whether something is under way that can change what consumers get: a rotation, an outage, a
 * person at work. At all other times each of their calls has the answer of the one before.
 */
export class Unrest {
  #under = 0;
  #calm = new AbortController();

  /** Aborted when the calm ends; undefined while there is none. */
  get calm(): AbortSignal | undefined {
    return this.#under === 0 ? this.#calm.signal : undefined;
  }

  /** Ends the calm until the work is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#under += 1;
    this.#calm.abort();
    try {
      return await work();
    } finally {
      this.#under -= 1;
      if (this.#under === 0) {
        this.#calm = new AbortController();
      }
    }
  }
}

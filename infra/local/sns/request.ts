import { invalidParameter } from './errors.ts';

/** The parameters of one request of the Query protocol, read by name. */
export class SnsRequest {
  readonly #parameters: URLSearchParams;

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters;
  }

  text(name: string): string | undefined {
    return this.#parameters.get(name) ?? undefined;
  }

  /** @throws {SnsRefusal} InvalidParameter where it is absent */
  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) {
      throw invalidParameter(`${name} Reason: no value for required parameter`);
    }
    return value;
  }

  /**
   * The members of a list, in the order in which they came, each with the rest of its names.
   *
   * @example list('Attributes.entry') // of Attributes.entry.1.key and Attributes.entry.1.value
   */
  list(prefix: string): SnsRequest[] {
    const members = new Map<number, URLSearchParams>();
    for (const [name, value] of this.#parameters) {
      const [, number, rest] = /^(\d+)\.(.+)$/.exec(afterPrefix(name, `${prefix}.`)) ?? [];
      if (number !== undefined && rest !== undefined) {
        const member = members.get(Number(number)) ?? new URLSearchParams();
        member.append(rest, value);
        members.set(Number(number), member);
      }
    }
    return [...members.values()].map((parameters) => new SnsRequest(parameters));
  }

  /** A map of texts, sent as `entry` members of `key` and `value`. */
  map(name: string): ReadonlyMap<string, string> {
    return new Map(
      this.list(`${name}.entry`).map((entry) => [
        entry.text('key') ?? '',
        entry.text('value') ?? '',
      ]),
    );
  }
}

function afterPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : '';
}

import { invalidParameter, Refusal, tooLong } from '../state/errors.ts';

/** How long a text may be, in characters. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * The members of one request, read by name and type; null counts as absent.
 *
 * @throws {Refusal} SerializationException for another type, InvalidParameterException for a
 * number out of bounds or a text that is too short, ValidationException for one that is too long,
 * and for a required member that is absent
 */
export class RequestFields {
  readonly #members: ReadonlyMap<string, unknown>;
  /** What the members are in: empty, or as in `RotationRules.`. */
  readonly #path: string;

  constructor(members: object, path = '') {
    this.#members = new Map(Object.entries(members));
    this.#path = path;
  }

  /** Reads the body of a request: one JSON object. */
  static parse(body: string): RequestFields {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      // Without the cause: it quotes its input, which may hold a secret.
    }
    if (!isObject(parsed)) {
      throw new Refusal('SerializationException', 'The body is no JSON object.');
    }
    return new RequestFields(parsed);
  }

  text(name: string, { min, max }: Bounds = { min: 0, max: Number.POSITIVE_INFINITY }) {
    const value = this.#read(name, isText);
    if (value !== undefined && value.length > max) {
      throw tooLong(`${this.#path}${name}`, max);
    }
    if (value !== undefined && value.length < min) {
      throw invalidParameter(`${name} must have ${min} to ${max} characters.`);
    }
    return value;
  }

  requiredText(name: string, max = Number.POSITIVE_INFINITY): string {
    const value = this.text(name, { min: 0, max });
    if (value === undefined || value === '') {
      throw new Refusal('ValidationException', `${name} must not be null or empty.`);
    }
    return value;
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, (value) => typeof value === 'boolean');
  }

  wholeNumber(name: string, { min, max }: Bounds): number | undefined {
    const value = this.#read(name, isWholeNumber);
    if (value !== undefined && (value < min || value > max)) {
      throw invalidParameter(`${name} must be within ${min}-${max}.`);
    }
    return value;
  }

  texts(name: string): readonly string[] | undefined {
    return this.#read(name, (value) => Array.isArray(value) && value.every(isText));
  }

  object(name: string): RequestFields | undefined {
    const value = this.#read(name, isObject);
    return value && new RequestFields(value, `${this.#path}${name}.`);
  }

  objects(name: string): readonly RequestFields[] | undefined {
    const value = this.#read(name, (given) => Array.isArray(given) && given.every(isObject));
    return value?.map((each) => new RequestFields(each, `${this.#path}${name}.`));
  }

  #read<T>(name: string, isExpected: (value: unknown) => value is T): T | undefined {
    const value = this.#members.get(name) ?? undefined;
    if (value === undefined) {
      return undefined;
    }
    if (!isExpected(value)) {
      throw new Refusal('SerializationException', `${name} has another type than documented.`);
    }
    return value;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isWholeNumber(value: unknown): value is number {
  return Number.isInteger(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

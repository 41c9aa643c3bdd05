import {
  type Condition,
  type Filterable,
  isFilterable,
  parseCondition,
} from './filter-conditions.ts';
import type { MessageAttribute, SnsMessage } from './message.ts';

/** Whether a subscriber gets a message; `text` is what the protocol of the subscriber reads. */
export type FilterPolicy = (message: SnsMessage, text: string) => boolean;

/** What a filter policy looks at. */
export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** A filter policy that is malformed; the message is SNS's, without what comes before it. */
export class FilterPolicyError extends Error {
  override readonly name = 'FilterPolicyError';
}

const MAX_KEYS = 5;

/** A key, with those above it, and what its values must meet, one of them. */
interface Rule {
  readonly path: readonly string[];
  readonly conditions: readonly Condition[];
}

/**
 * Reads a filter policy: its keys are all to be met, of a key's conditions one.
 *
 * The operators are `prefix`, `suffix`, `equals-ignore-case`, `anything-but`, `numeric` and
 * `exists` (SNS Developer Guide, Filter policy constraints); `cidr` and `$or` are not known here.
 *
 * @throws {FilterPolicyError}
 */
export function parseFilterPolicy(json: string, scope: FilterScope): FilterPolicy {
  const rules = rulesOf(parsedObject(json), [], scope);
  if (rules.length > MAX_KEYS) {
    throw new FilterPolicyError(`Filter policy can not have more than ${MAX_KEYS} keys`);
  }
  const valuesIn = scope === 'MessageBody' ? bodyValues : attributeValues;
  return (message, text) => {
    const valuesAt = valuesIn(message, text);
    if (!valuesAt) {
      return false;
    }
    return rules.every(({ path, conditions }) => {
      const values = valuesAt(path);
      return conditions.some((meets) => meets(values));
    });
  };
}

function parsedObject(json: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw new FilterPolicyError('failed to parse JSON.', { cause });
  }
  if (!isObject(parsed)) {
    throw new FilterPolicyError('failed to parse JSON. A policy is an object.');
  }
  return parsed;
}

function rulesOf(policy: object, above: readonly string[], scope: FilterScope): Rule[] {
  return Object.entries(policy).flatMap(([key, value]: [string, unknown]) => {
    const path = [...above, key];
    if (Array.isArray(value)) {
      return [{ path, conditions: conditionsOf(value) }];
    }
    if (!isObject(value)) {
      throw new FilterPolicyError(`"${key}" must be an object or an array`);
    }
    if (scope === 'MessageAttributes') {
      throw new FilterPolicyError(
        'Filter policy scope MessageAttributes does not support nested filter policy',
      );
    }
    return rulesOf(value, path, scope);
  });
}

function conditionsOf(values: readonly unknown[]): readonly Condition[] {
  if (values.length === 0) {
    throw new FilterPolicyError('Empty arrays are not allowed');
  }
  return values.map((value) => {
    const condition = parseCondition(value);
    if (!condition) {
      throw new FilterPolicyError(`Unrecognized match type ${nameOf(value)}`);
    }
    return condition;
  });
}

function nameOf(value: unknown): string {
  return isObject(value) ? Object.keys(value).join(', ') : JSON.stringify(value);
}

type ValuesAt = (path: readonly string[]) => readonly Filterable[];

function attributeValues({ attributes }: SnsMessage): ValuesAt {
  const byName = new Map(Object.entries(attributes));
  return ([name = '']) => {
    const attribute = byName.get(name);
    return attribute ? valuesOf(attribute) : [];
  };
}

/** A binary attribute is ignored, and so is an array that is none. */
function valuesOf({ type, value }: MessageAttribute): readonly Filterable[] {
  if (type.startsWith('Number')) {
    return [Number(value)];
  }
  if (type === 'String.Array') {
    const parsed = parsedOrNothing(value);
    return Array.isArray(parsed) ? parsed.filter(isFilterable) : [];
  }
  return type.startsWith('String') ? [value] : [];
}

/** A text that is no JSON object meets no policy. */
function bodyValues(_: SnsMessage, text: string): ValuesAt | undefined {
  const body = parsedOrNothing(text);
  if (!isObject(body)) {
    return undefined;
  }
  return (path) =>
    path
      .reduce<unknown[]>((found, key) => found.flatMap((each) => membersOf(each, key)), [body])
      .filter(isFilterable);
}

/** An array stands for each of its elements. */
function membersOf(value: unknown, key: string): unknown[] {
  const member = isObject(value) ? new Map<string, unknown>(Object.entries(value)).get(key) : [];
  return [member].flat(Number.POSITIVE_INFINITY);
}

function parsedOrNothing(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { isDeepStrictEqual } from 'node:util';
import type { Properties } from './kinds.ts';

/** A value within a property, where the resource is changed. */
interface Difference {
  /** Like `RotationRules.Duration`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The variables of the function, and its settings of single secrets, are known by their names. */
const SHORT = ['Environment.Variables', 'SECRET_SETTINGS'];
/** What stands between path and values. */
const SIGNS = ':  → '.length;
/** For both values, whatever the length of the path, of which the end is shown. */
const LEAST_ROOM = 20;
/** Of a text that begins as the other does, before the first character that differs. */
const CONTEXT = 6;

/**
 * A line for each value that changes, such as a variable of the function. A property of which nothing
 * can be shown has one line: the code, a policy.
 *
 * @param names of the properties that change
 * @param width of a line
 */
export function presentDifferences(
  before: Properties,
  after: Properties,
  names: readonly string[],
  width: number,
): readonly string[] {
  return names.flatMap((name) => {
    const differences = differencesOf(name, before[name], after[name]);
    return differences.some(isShown) || name === 'Environment'
      ? differences.map((each) => presentDifference(each, width))
      : [`${name}: ${verbOf(before[name], after[name])}`];
  });
}

function differencesOf(path: string, before: unknown, after: unknown): readonly Difference[] {
  if (isDeepStrictEqual(before, after)) {
    return [];
  }
  const [members, newMembers] = [membersOf(before), membersOf(after)];
  if (members === undefined || newMembers === undefined) {
    return [{ path, before, after }];
  }
  const names = new Set([...Object.keys(members), ...Object.keys(newMembers)]);
  return [...names].flatMap((name) =>
    differencesOf(SHORT.includes(path) ? name : `${path}.${name}`, members[name], newMembers[name]),
  );
}

/** @returns undefined if it has none: a reference to another resource is one value */
function membersOf(value: unknown): Properties | undefined {
  if (value === undefined) {
    return {};
  }
  const parsed = typeof value === 'string' && value.startsWith('{') ? parse(value) : value;
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  const isReference = isObject && Object.keys(parsed).some((key) => /^(?:Ref$|Fn::)/.test(key));
  return isObject && !isReference ? { ...parsed } : undefined;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function presentDifference(difference: Difference, width: number): string {
  const [old = '', coming = ''] = [textOf(difference.before), textOf(difference.after)];
  const least = Math.min(LEAST_ROOM, old.length + coming.length);
  const path = endOf(difference.path, width - SIGNS - least);
  const [before, after] = shortened(old, coming, width - SIGNS - path.length);
  return !isShown(difference) || before === after
    ? `${path}: ${verbOf(difference.before, difference.after)}`
    : `${path}: ${before} → ${after}`;
}

function verbOf(before: unknown, after: unknown): string {
  if ((before === undefined) === (after === undefined)) {
    return 'changed';
  }
  return before === undefined ? 'added' : 'removed';
}

function isShown({ path, before, after }: Difference): boolean {
  // The app gives a secret no value, but another template may have done it.
  const isSecret = /SecretString/.test(path);
  return !isSecret && textOf(before) !== undefined && textOf(after) !== undefined;
}

/** @returns undefined for what nobody would read, and for what may hold a password, as a URL with an @ */
function textOf(value: unknown): string | undefined {
  if (value === undefined) {
    return 'none';
  }
  const texts = [value].flat();
  const isReadable = texts.every(
    (text) =>
      ['number', 'boolean'].includes(typeof text) ||
      (typeof text === 'string' && !/[@\n]|[\da-f]{40}/.test(text)),
  );
  return isReadable ? texts.join(', ') : undefined;
}

/** Both within the room: without the beginning that is the same, and without the end. */
function shortened(before: string, after: string, room: number): readonly [string, string] {
  if (before.length + after.length <= room) {
    return [before, after];
  }
  const firstOther = [...before].findIndex((character, index) => character !== after[index]);
  const same = firstOther === -1 ? before.length : firstOther;
  const withoutSame = (text: string) => (same > CONTEXT ? `…${text.slice(same - CONTEXT)}` : text);
  const [one, other] = [withoutSame(before), withoutSame(after)];
  const half = Math.floor(room / 2);
  return [
    cut(one, Math.max(half, room - other.length)),
    cut(other, Math.max(room - half, room - one.length)),
  ];
}

function endOf(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(1 - length)}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

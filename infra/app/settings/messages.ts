import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;
export type Path = readonly PropertyKey[];

/** What is wrong with one setting. */
export interface SettingsProblem {
  readonly path: Path;
  /** Follows the path. */
  readonly message: string;
}

/** What a type is called in the file. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list: [...]',
  object: 'an object: {...}',
};

/** An error map of zod, in the words of the file. */
export function messageOf(issue: Issue): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return input === undefined
        ? missing(issue)
        : `must be ${TYPES[issue.expected] ?? issue.expected}, got ${given(input)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}, got ${given(input)}`;
    case 'invalid_format':
      return issue.format === 'email'
        ? `must be an e-mail address, got ${given(input)}`
        : undefined;
    case 'too_small':
      return issue.origin === 'number'
        ? `must be at least ${issue.minimum}, got ${given(input)}`
        : 'must not be empty';
    case 'too_big':
      return Array.isArray(input)
        ? `must have at most ${issue.maximum} entries, got ${input.length}`
        : `must be at most ${issue.maximum}, got ${given(input)}`;
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, knownKeys(issue))).join('\n');
    default:
      return undefined;
  }
}

/** One problem for each thing that is wrong: zod puts unknown keys together. */
export function problemsOf({ issues }: z.ZodError): readonly SettingsProblem[] {
  return issues.flatMap((issue) => {
    const { path, message } = issue;
    return issue.code === 'unrecognized_keys'
      ? message.split('\n').map((line, index) => ({
          path: [...path, issue.keys[index] ?? ''],
          message: line,
        }))
      : [{ path, message }];
  });
}

/** As a person writes it: `secrets[2].tokenLifetimeDays`. */
export function pathText(path: Path): string {
  return path.length === 0
    ? 'The file'
    : path
        .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
        .join('')
        .replace(/^\./, '');
}

function missing({ inst }: Issue): string {
  const description = (inst as z.ZodType | undefined)?.description;
  return description === undefined ? 'is missing' : `is missing. ${description}`;
}

function given(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function knownKeys({ inst }: Issue): readonly string[] {
  return Object.keys((inst as z.ZodObject).shape).filter((key) => key !== '$schema');
}

function unknownKey(key: string, known: readonly string[]): string {
  const [nearest = { key: '', edits: Infinity }] = known
    .map((each) => ({ key: each, edits: editsBetween(key.toLowerCase(), each.toLowerCase()) }))
    .sort((one, other) => one.edits - other.edits);
  return nearest.edits <= Math.max(2, key.length / 3)
    ? `is not a setting. Did you mean ${nearest.key}?`
    : `is not a setting. Known here: ${known.join(', ')}`;
}

/** Levenshtein's distance: characters to insert, delete or exchange. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, char] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherChar] of [...other].entries()) {
      const exchanged = (row[column] ?? 0) + (char === otherChar ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

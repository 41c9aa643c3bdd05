import type { z } from 'zod';
import { knownNames } from '../../construct/checks/names.ts';

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
  array: 'a list',
  object: 'an object',
};

/** An error map of zod, in the words of the file. */
export function messageOf(issue: Issue): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return input === undefined
        ? missing(issue)
        : `must be ${TYPES[issue.expected] ?? issue.expected}${example(issue)}, got ${typeGiven(issue)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}, got ${given(input)}`;
    case 'invalid_format':
      return issue.format === 'email'
        ? `must be an e-mail address, got ${given(input)}. A chat subscribes to the topic: infra/operations.md, Alerts`
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
      return issue.keys
        .map((key) => `is not a setting. ${knownNames(key, knownKeys(issue))}`)
        .join('\n');
    default:
      return undefined;
  }
}

/** One problem for each thing that is wrong: zod puts unknown keys together. */
export function problemsOf({ issues }: z.ZodError): readonly SettingsProblem[] {
  // A setting that was misspelt is missing too, which is told once.
  const meant = new Set<string>();
  const problems = issues.flatMap((issue) => {
    const { path, message } = issue;
    if (issue.code !== 'unrecognized_keys') {
      return [{ path, message, missing: missingKeys(issue) }];
    }
    return message.split('\n').map((line, index) => {
      const [, nearest = ''] = /Did you mean (\w+)\?$/.exec(line) ?? [];
      meant.add(pathText([...path, nearest]));
      return { path: [...path, issue.keys[index] ?? ''], message: line, missing: [] };
    });
  });
  return problems
    .filter(({ missing }) => !missing.some((key) => meant.has(pathText(key))))
    .map(({ path, message }) => ({ path, message }));
}

/** Paths of settings of which one should be there. */
function missingKeys({ path, message, ...issue }: z.core.$ZodIssue): readonly Path[] {
  if (issue.code === 'custom') {
    const keys: unknown = issue.params?.['missing'];
    return Array.isArray(keys) ? keys.map((key) => [...path, key]) : [];
  }
  return message.startsWith(MISSING) ? [path] : [];
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

const MISSING = 'is missing';

function missing({ inst }: Issue): string {
  const description = (inst as z.ZodType | undefined)?.description;
  return description === undefined ? MISSING : `${MISSING}. ${description}`;
}

/** Of a list or an object, which editors show too. */
function example({ inst }: Issue): string {
  const [first] = [(inst as z.ZodType | undefined)?.meta()?.['examples'] ?? []].flat();
  return first === undefined ? '' : ` like ${JSON.stringify(first)}`;
}

/** A text in the place of an object, such as that of a secret, may be a token. */
function typeGiven({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  return expected === 'object' && typeof input === 'string' ? 'a text' : given(input);
}

function given(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function knownKeys({ inst }: Issue): readonly string[] {
  return Object.keys((inst as z.ZodObject).shape).filter((key) => key !== '$schema');
}

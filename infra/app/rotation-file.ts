import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, pathText, problemsOf } from './settings/messages.ts';
import { problemsOfRules } from './settings/rules.ts';
import { type RotationSettings, rotationSchema } from './settings/schema.ts';
import { JsonText, TOKEN_PROBLEM } from './settings/syntax.ts';

/** The top level, where rotation.json is. */
export const ROOT = join(import.meta.dirname, '..', '..');

const HOW_TO_BEGIN =
  'Begin with the example, and edit it:\n\n  cp infra/rotation.example.json rotation.json';

/**
 * Reads rotation.json.
 *
 * @throws {Error} with all that is wrong, each with its line, its path and what is allowed
 */
export function readRotationFile(file = join(ROOT, 'rotation.json')): RotationSettings {
  const json = parse(readText(file));
  const token = json.tokenPath();
  if (token !== undefined) {
    throw settingsError([`line ${json.lineOf(token)}: ${pathText(token)} ${TOKEN_PROBLEM}`]);
  }
  const { data, error } = rotationSchema.safeParse(json.value, { error: messageOf });
  const problems = [
    ...json.repeatedMembers(),
    ...(error ? problemsOf(error) : []),
    ...problemsOfRules(json.value),
  ];
  if (data === undefined || problems.length > 0) {
    const lines = problems.map(({ path, message }) => ({
      line: json.lineOf(path),
      text: `${pathText(path)} ${message}`,
    }));
    throw settingsError(inOrder(lines));
  }
  texts.set(data, json);
  return data;
}

/** Where in the file the settings stand that were read from it. */
const texts = new WeakMap<RotationSettings, JsonText>();

/**
 * @param problems each begins with its path
 * @param settings where they are from the file, each problem gets its line there
 */
export function settingsError(problems: readonly string[], settings?: RotationSettings): Error {
  const json = settings && texts.get(settings);
  const lines = json ? inOrder(problems.map((text) => located(text, json))) : problems;
  const count = lines.length === 1 ? 'an error' : `${lines.length} errors`;
  return new Error([`rotation.json has ${count}:`, ...lines].join('\n  '));
}

/** A problem with its line, which is none if it does not begin with a path. */
interface Located {
  readonly line: number | undefined;
  readonly text: string;
}

function located(text: string, json: JsonText): Located {
  const path = (/^[\w.[\]]+/.exec(text)?.[0] ?? '')
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const isKnown = Object.hasOwn(rotationSchema.shape, path[0] ?? '');
  return { text, line: isKnown ? json.lineOf(path) : undefined };
}

function inOrder(problems: readonly Located[]): readonly string[] {
  return problems
    .toSorted((one, other) => (one.line ?? Infinity) - (other.line ?? Infinity))
    .map(({ line, text }) => (line === undefined ? text : `line ${line}: ${text}`));
}

/** Hosts that are reserved for documents: nobody has a GitLab or a mailbox there. */
const EXAMPLE_HOST = /(?:^|[/@.])example\.(?:com|net|org)\b/;

/** Settings that are still examples, as `path value`. */
export function examplesIn({ gitlabUrl, alertEmails = [] }: RotationSettings): readonly string[] {
  return [
    { path: 'gitlabUrl', value: gitlabUrl },
    ...alertEmails.map((value, index) => ({ path: `alertEmails[${index}]`, value })),
  ]
    .filter(({ value }) => EXAMPLE_HOST.test(value))
    .map(({ path, value }) => `${path} ${value}`);
}

/** @throws {Error} that says how to begin */
function readText(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      code === 'ENOENT'
        ? `There is no rotation.json. ${HOW_TO_BEGIN}`
        : `rotation.json cannot be read: ${code}`,
    );
  }
  // Some editors begin a file with a byte order mark.
  const content = text.replace(/^\uFEFF/, '');
  if (content.trim() === '') {
    throw new Error(`rotation.json is empty. ${HOW_TO_BEGIN}`);
  }
  return content;
}

function parse(text: string): JsonText {
  try {
    return new JsonText(text);
  } catch (error) {
    throw new Error(`rotation.json is not valid JSON: ${(error as Error).message}`);
  }
}

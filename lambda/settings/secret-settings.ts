import { SECRET_NAME } from '../ports/secret-ids.ts';
import type { SecretSettings } from '../ports/step.ts';
import { VariableReader } from './variable-reader.ts';
import {
  type Problem,
  parseAlternatingTokens,
  parseLifetimeDays,
  parseProjectId,
  parseTokenField,
} from './variables.ts';

export const SECRET_SETTINGS = 'SECRET_SETTINGS';

const MEMBERS: readonly string[] = [
  'tokenLifetimeDays',
  'alternatingTokens',
  'tokenField',
  'projectId',
];
/** A wrong member may be quoted where it is one word of letters, and so no token with a prefix. */
const QUOTABLE_MEMBER = /^[A-Za-z]{1,32}$/;

/**
 * `SECRET_SETTINGS`: what single secrets have of their own, as JSON by the name of the secret:
 *
 *     {"app/gitlab-token": {"tokenLifetimeDays": 60, "alternatingTokens": true, "tokenField": "token", "projectId": "group/app"}}
 *
 * Each member is read like the variable that it takes the place of: 60 or "60", and an empty one
 * or null counts as missing.
 *
 * @returns the settings by the name of the secret; or every problem at once, which quotes numbers
 * and what has the form of a name only, since any other value may be a token
 */
export function parseSecretSettings(text: string): ReadonlyMap<string, SecretSettings> | Problem {
  const secrets = parseJson(text);
  if (!isObject(secrets)) {
    return {
      problem: 'must be a JSON object, like {"app/gitlab-token": {"tokenLifetimeDays": 60}}',
    };
  }
  const settings = new Map<string, SecretSettings>();
  const problems: string[] = [];
  for (const [name, members] of Object.entries(secrets)) {
    if (!SECRET_NAME.test(name)) {
      problems.push('has a key that is not the name of a secret: use the name, not the ARN');
    } else if (!isObject(members)) {
      problems.push(`"${name}" must be an object, like {"tokenLifetimeDays": 60}`);
    } else {
      const reader = new VariableReader(textsOf(members));
      settings.set(name, readSettings(reader));
      const wrong = [...unknownMembers(members), ...reader.problems.map(({ text }) => text)];
      problems.push(...wrong.map((problem) => `"${name}" ${problem}`));
    }
  }
  return problems.length === 0 ? settings : { problem: problems.join(`; ${SECRET_SETTINGS} `) };
}

function readSettings(reader: VariableReader): SecretSettings {
  return {
    ...reader.member('lifetimeDays', parseLifetimeDays, 'tokenLifetimeDays'),
    ...reader.member('alternatingTokens', parseAlternatingTokens, 'alternatingTokens'),
    ...reader.member('tokenField', parseTokenField, 'tokenField'),
    ...reader.member('projectId', parseProjectId, 'projectId'),
  };
}

function unknownMembers(members: object): readonly string[] {
  return Object.keys(members)
    .filter((member) => !MEMBERS.includes(member))
    .map((member) => {
      const quoted = QUOTABLE_MEMBER.test(member) ? ` ${member}` : '';
      return `has an unknown member${quoted}: use ${MEMBERS.join(', ')}`;
    });
}

function textsOf(members: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(members).map(([member, value]) => [
      member,
      // No variable may hold a quote, so an object or a list is refused like any wrong text.
      isObject(value) || Array.isArray(value) ? '"' : String(value ?? ''),
    ]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not bound: the message of this error quotes the text.
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { Token } from 'aws-cdk-lib';
import { DEFAULT_LIFETIME } from './checks/schedule.ts';
import type { TokenRotationOptions } from './props.ts';

/** What Lambda allows for all variables, names included. */
const ENVIRONMENT_BYTES = 4096;
/** Enough for the ARN of a topic with a generated name. */
const UNRESOLVED_BYTES = 200;

/** What the function must know of a token, in the words of its variable SECRET_SETTINGS. */
function settingsOf(options: TokenRotationOptions) {
  return {
    tokenLifetimeDays: (options.tokenLifetime ?? DEFAULT_LIFETIME).toDays(),
    alternatingTokens: options.alternatingTokens ?? false,
    tokenField: options.tokenField ?? 'token',
    projectId: options.projectId,
  };
}

/** What differs from the construct's own settings, which the function has in other variables. */
export function differingSettings(
  defaults: TokenRotationOptions,
  options: TokenRotationOptions,
): Readonly<Record<string, unknown>> {
  const known = new Map<string, unknown>(Object.entries(settingsOf(defaults)));
  const entries = Object.entries(settingsOf({ ...defaults, ...options }));
  return Object.fromEntries(entries.filter(([key, value]) => value !== known.get(key)));
}

/** The value of SECRET_SETTINGS, in the order of names. */
export function secretSettings(settings: ReadonlyMap<string, object>): string {
  const byName = [...settings].sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(Object.fromEntries(byName));
}

/** Props whose variables have no limit of their own. */
const PROPS: Readonly<Record<string, string>> = {
  SECRET_SETTINGS: 'addSecret',
  GITLAB_URL: 'gitlabUrl',
  HTTPS_PROXY: 'httpsProxy',
  NO_PROXY: 'noProxy',
};

/** A problem if Lambda would refuse the environment, by the prop that takes most of it. */
export function environmentProblems(environment: Readonly<Record<string, string>>): string[] {
  const variables = Object.entries(environment)
    .map(([name, value]) => ({ name, bytes: name.length + bytesOf(value) }))
    .sort((one, other) => other.bytes - one.bytes);
  const bytes = variables.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes <= ENVIRONMENT_BYTES) {
    return [];
  }
  const [{ name } = { name: '' }] = variables;
  const advice =
    name === 'SECRET_SETTINGS'
      ? 'Set tokenLifetime, alternatingTokens, tokenField and projectId on the construct where most secrets agree, and in addSecret only where one differs; or keep projectId in the secret'
      : 'Give a shorter one';
  return [
    `${PROPS[name] ?? name}: the environment of the function has ${bytes} bytes, and Lambda allows ${ENVIRONMENT_BYTES}. ${advice}`,
  ];
}

function bytesOf(value: string): number {
  return Token.isUnresolved(value) ? UNRESOLVED_BYTES : Buffer.byteLength(value);
}

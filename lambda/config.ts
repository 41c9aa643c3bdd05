import { RotationError } from './failure.ts';
import type { RotationSettings } from './ports/step.ts';
import {
  parseAlternatingTokens,
  parseCaFile,
  parseGitLabUrl,
  parseLifetimeDays,
  parseNoProxy,
  parseProjectId,
  parseProxyUrl,
  parseRecoverySecretArn,
  parseTokenField,
  parseTopicArn,
  type Variable,
} from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration of this function, from its environment. */
export interface Config extends RotationSettings {
  readonly failureTopicArn: string;
  /** The full ARN of the secret with the recovery credential. */
  readonly recoverySecretArn?: string;
  /** PEM certificates to trust for GitLab, besides Node's own. */
  readonly ca?: string;
  /** May hold the credentials of the proxy. */
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

const DEFAULT_TOKEN_FIELD = 'token';
const TOPIC_VARIABLE = 'FAILURE_TOPIC_ARN';

/**
 * Reads the environment of the function. White space around a value is ignored, and an empty
 * value counts as missing.
 *
 * @throws {RotationError} CONFIG_INVALID, with every problem at once. It quotes numbers only,
 * since the value of a wrong variable may be a token.
 */
export function loadConfig(env: Environment): Config {
  const reader = new Reader(env);
  const gitlabUrl = reader.required(parseGitLabUrl, 'GITLAB_URL', 'the https URL of GitLab');
  const failureTopicArn = reader.required(parseTopicArn, TOPIC_VARIABLE, 'the ARN of an SNS topic');
  const lifetimeDays = reader.required(
    parseLifetimeDays,
    'TOKEN_LIFETIME_DAYS',
    'a number of days',
  );
  const tokenField = reader.optional(parseTokenField, 'TOKEN_FIELD') ?? DEFAULT_TOKEN_FIELD;
  const projectId = reader.optional(parseProjectId, 'GITLAB_PROJECT_ID');
  const alternatingTokens = reader.optional(parseAlternatingTokens, 'ALTERNATING_TOKENS');
  const recoverySecretArn = reader.optional(parseRecoverySecretArn, 'RECOVERY_SECRET_ARN');
  const ca = reader.optional(parseCaFile, 'GITLAB_CA_FILE');
  // Lower case takes precedence, as in curl.
  const httpsProxy = reader.optional(parseProxyUrl, 'https_proxy', 'HTTPS_PROXY');
  const noProxy = reader.optional(parseNoProxy, 'no_proxy', 'NO_PROXY');
  const { problems } = reader;
  if (
    problems.length > 0 ||
    gitlabUrl === undefined ||
    failureTopicArn === undefined ||
    lifetimeDays === undefined
  ) {
    throw new RotationError('CONFIG_INVALID', problems.map(({ text }) => text).join('; '), {
      details: { variables: problems.map(({ variable }) => variable) },
    });
  }
  return {
    gitlabUrl,
    failureTopicArn,
    lifetimeDays,
    tokenField,
    ...(projectId !== undefined && { projectId }),
    ...(alternatingTokens !== undefined && { alternatingTokens }),
    ...(recoverySecretArn !== undefined && { recoverySecretArn }),
    ...(ca !== undefined && { ca }),
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(noProxy !== undefined && { noProxy }),
  };
}

/** The topic alone, which delivers the alert where another variable is wrong. */
export function readTopicArn(env: Environment): string | undefined {
  return new Reader(env).optional(parseTopicArn, TOPIC_VARIABLE);
}

/** Reads variables and collects their problems. A variable with a problem reads as undefined. */
class Reader {
  readonly problems: { readonly variable: string; readonly text: string }[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Reads the first of several spellings that is set. */
  optional<T extends string | number | boolean>(
    parse: Variable<T>,
    ...spellings: readonly string[]
  ): T | undefined {
    for (const variable of spellings) {
      const text = this.#textOf(variable);
      if (text !== undefined) {
        const parsed = parse(text);
        return typeof parsed === 'object' ? this.#reject(variable, parsed.problem) : parsed;
      }
    }
    return undefined;
  }

  required<T extends string | number | boolean>(
    parse: Variable<T>,
    variable: string,
    what: string,
  ): T | undefined {
    return this.#textOf(variable) === undefined
      ? this.#reject(variable, `is missing: set it to ${what}`)
      : this.optional(parse, variable);
  }

  #textOf(variable: string): string | undefined {
    return this.#env[variable]?.trim() || undefined;
  }

  #reject(variable: string, problem: string): undefined {
    this.problems.push({ variable, text: `${variable} ${problem}` });
  }
}

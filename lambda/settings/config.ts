import { RotationError } from '../failure.ts';
import type { RotationSettings, SecretSettings } from '../ports/step.ts';
import { parseSecretSettings, SECRET_SETTINGS } from './secret-settings.ts';
import { type Environment, VariableReader } from './variable-reader.ts';
import {
  parseAlternatingTokens,
  parseCaFile,
  parseFunctionArn,
  parseGitLabUrl,
  parseLifetimeDays,
  parseNoProxy,
  parseProjectId,
  parseProxyUrl,
  parseRecoverySecretArn,
  parseTokenField,
  parseTopicArn,
} from './variables.ts';

/** The configuration of this function, from its environment. */
export interface Config extends RotationSettings {
  readonly failureTopicArn: string;
  /** By the name of the secret. */
  readonly secretSettings: ReadonlyMap<string, SecretSettings>;
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
 * Reads the environment of the function, also what it says of single secrets.
 *
 * @throws {RotationError} CONFIG_INVALID, with every problem at once. It quotes numbers
 * and the names of secrets only, since the value of a wrong variable may be a token.
 */
export function loadConfig(env: Environment): Config {
  const reader = new VariableReader(env);
  const gitlabUrl = reader.required(parseGitLabUrl, 'GITLAB_URL', 'the https URL of GitLab');
  const failureTopicArn = reader.required(parseTopicArn, TOPIC_VARIABLE, 'the ARN of an SNS topic');
  const lifetimeDays = reader.required(
    parseLifetimeDays,
    'TOKEN_LIFETIME_DAYS',
    'a number of days',
  );
  const tokenField = reader.optional(parseTokenField, 'TOKEN_FIELD') ?? DEFAULT_TOKEN_FIELD;
  const optional = {
    ...reader.member('projectId', parseProjectId, 'GITLAB_PROJECT_ID'),
    ...reader.member('alternatingTokens', parseAlternatingTokens, 'ALTERNATING_TOKENS'),
    secretSettings: reader.optional(parseSecretSettings, SECRET_SETTINGS) ?? new Map(),
    ...reader.member('recoverySecretArn', parseRecoverySecretArn, 'RECOVERY_SECRET_ARN'),
    ...reader.member('ca', parseCaFile, 'GITLAB_CA_FILE'),
    // Lower case takes precedence, as in curl.
    ...reader.member('httpsProxy', parseProxyUrl, 'https_proxy', 'HTTPS_PROXY'),
    ...reader.member('noProxy', parseNoProxy, 'no_proxy', 'NO_PROXY'),
  };
  if (
    reader.problems.length > 0 ||
    gitlabUrl === undefined ||
    failureTopicArn === undefined ||
    lifetimeDays === undefined
  ) {
    throw invalid(reader);
  }
  return { gitlabUrl, failureTopicArn, lifetimeDays, tokenField, ...optional };
}

/**
 * The function that rotates, which only the watch needs to know.
 *
 * @returns CONFIG_INVALID where it is missing or wrong
 */
export function readRotationFunctionArn(env: Environment): string | RotationError {
  const reader = new VariableReader(env);
  const variable = 'ROTATION_FUNCTION_ARN';
  const what = 'the ARN of the function that rotates';
  return reader.required(parseFunctionArn, variable, what) ?? invalid(reader);
}

function invalid({ problems }: VariableReader): RotationError {
  return new RotationError('CONFIG_INVALID', problems.map(({ text }) => text).join('; '), {
    details: { variables: problems.map(({ variable }) => variable) },
  });
}

/** The topic alone, which delivers the alert where another variable is wrong. */
export function readTopicArn(env: Environment): string | undefined {
  return new VariableReader(env).optional(parseTopicArn, TOPIC_VARIABLE);
}

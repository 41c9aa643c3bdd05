import { RotationError } from './failure.ts';
import type { RotationSettings, SecretSettings } from './ports/step.ts';
import { parseSecretSettings, SECRET_SETTINGS } from './secret-settings.ts';
import { type Environment, VariableReader } from './variable-reader.ts';
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
  const projectId = reader.optional(parseProjectId, 'GITLAB_PROJECT_ID');
  const alternatingTokens = reader.optional(parseAlternatingTokens, 'ALTERNATING_TOKENS');
  const secretSettings = reader.optional(parseSecretSettings, SECRET_SETTINGS) ?? new Map();
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
    secretSettings,
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
  return new VariableReader(env).optional(parseTopicArn, TOPIC_VARIABLE);
}

import type { Details } from '../failure.ts';

/** What the commands of an advice are about. What is unknown, or of no documented shape, becomes a shell variable. */
export interface CommandIds {
  /** An ARN. */
  readonly secretId?: string;
  readonly versionId?: string;
  readonly requestId?: string;
  readonly functionName?: string;
  readonly region?: string;
  readonly details: Details;
}

/** What a secret's ARN says, as far as it has the documented form. */
export interface SecretArn {
  readonly arn: string;
  readonly region: string;
  readonly name: string;
}

/**
 * Commands for bash or zsh with the AWS CLI, one line each. Nothing in them
 * needs quoting by the reader, and no token comes to stand in a history.
 */
export interface Commands {
  readonly describe: string;
  readonly labels: string;
  readonly key: string;
  readonly rotate: string;
  readonly dryRun: string;
  readonly restore: string;
  readonly hasValue: string;
  /** What sets `CURRENT_VERSION_ID` to the version that has `AWSCURRENT`. */
  readonly findCurrent: string;
  /** Needs the version that has `AWSCURRENT` now: its id, or what `findCurrent` found. */
  promote(from: string | undefined): string;
  /** Makes another version current than the one of this rotation, from what `findCurrent` found. */
  adopt(versionId: string): string;
  readonly dropPending: string;
  readonly putPlain: string;
  readonly putJson: string;
  readonly putNewJson: string;
  readonly putStandby: string;
  /** Shows the ids of both tokens, and no more of the secret. */
  readonly showIds: string;
  /** What sets `RECOVERY_SECRET_ARN` to the secret with the recovery token, which `putRecovery` needs. */
  readonly findRecovery: string;
  readonly putRecovery: string;
  readonly rotateById: string;
  readonly environment: string;
  readonly role: string;
  readonly timeout: string;
  readonly policy: string;
  readonly logs: string;
}

/** Outside these shapes an id is none of AWS's or GitLab's, and has no place in a command. */
const ARN =
  /^arn:[a-z0-9-]{1,32}:secretsmanager:([a-z0-9-]{1,32}):\d{12}:secret:([\w/+=.@!-]{1,512})-[A-Za-z0-9]{6}$/;
const VERSION_ID = /^[\w+=,.@:/-]{32,64}$/;
const REGION = /^[a-z0-9-]{1,32}$/;
const FUNCTION_NAME = /^[\w:-]{1,170}$/;
const REQUEST_ID = /^[A-Za-z0-9-]{1,64}$/;
const NUMERIC_ID = /^\d{1,20}$/;

/** Reads an ARN; undefined when it is none of a secret. */
export function readArn(secretId: string | undefined): SecretArn | undefined {
  const found = ARN.exec(secretId ?? '');
  return found === null
    ? undefined
    : { arn: found[0], region: String(found[1]), name: String(found[2]) };
}

/** The id of a version, where it is one: as a command takes it. */
export function readVersionId(versionId: unknown): string | undefined {
  return matching(VERSION_ID, versionId);
}

/** GitLab's id of a token, where it is one. */
export function readTokenId(tokenId: unknown): string | undefined {
  return matching(NUMERIC_ID, typeof tokenId === 'number' ? String(tokenId) : tokenId);
}

/** The commands for one secret, one version and one function. */
export function commandsFor(ids: CommandIds): Commands {
  const secretArn = readArn(ids.secretId);
  const secret = `--secret-id ${secretArn === undefined ? '"$SECRET_ARN"' : quoted(secretArn.arn)}`;
  const region = `--region ${secretArn?.region ?? matching(REGION, ids.region) ?? '"$AWS_REGION"'}`;
  const version = readVersionId(ids.versionId) ?? '"$VERSION_ID"';
  const sm = (operation: string, options = '') =>
    `aws secretsmanager ${operation} ${secret}${options} ${region}`;
  const label = (name: string, options: string) =>
    sm('update-secret-version-stage', ` --version-stage ${name}${options}`);
  const currentId = "Versions[?contains(VersionStages, 'AWSCURRENT')].VersionId";
  return {
    describe: sm('describe-secret'),
    labels: sm('describe-secret', ' --query VersionIdsToStages'),
    key: sm('describe-secret', ' --query KmsKeyId'),
    rotate: sm('rotate-secret'),
    dryRun: sm('rotate-secret', ' --no-rotate-immediately'),
    restore: sm('restore-secret'),
    hasValue: sm('get-secret-value', ` --version-id ${version} --query VersionId --output text`),
    findCurrent: `CURRENT_VERSION_ID=$(${sm(
      'list-secret-version-ids',
      ` --query "${currentId}" --output text`,
    )})`,
    promote: (from) =>
      label(
        'AWSCURRENT',
        ` --move-to-version-id ${version} --remove-from-version-id ${from ?? '"$CURRENT_VERSION_ID"'}`,
      ),
    adopt: (versionId) =>
      label(
        'AWSCURRENT',
        ` --move-to-version-id ${versionId} --remove-from-version-id "$CURRENT_VERSION_ID"`,
      ),
    dropPending: label('AWSPENDING', ` --remove-from-version-id ${version}`),
    ...putCommands(sm),
    putRecovery: putPlain(
      `aws secretsmanager put-secret-value --secret-id "$RECOVERY_SECRET_ARN"${FROM_STDIN} ${region}`,
    ),
    rotateById: rotateById(readTokenId(ids.details['tokenId']) ?? '$TOKEN_ID'),
    ...functionCommands(ids, region),
  };
}

type Put = Pick<Commands, 'putPlain' | 'putJson' | 'putNewJson' | 'putStandby' | 'showIds'>;

// Each is one command in a subshell: pasted whole, it then waits for the token,
// which is neither echoed nor an argument of any process.
const FROM_STDIN = ' --secret-string file:///dev/stdin';

function putPlain(put: string): string {
  return `( read -rs TOKEN && printf %s "$TOKEN" | ${put} )`;
}

function putCommands(sm: (operation: string, options?: string) => string): Put {
  const put = sm('put-secret-value', FROM_STDIN);
  const get = sm('get-secret-value', ' --query SecretString --output text');
  const edit = (filter: string) =>
    `( read -rs TOKEN && export TOKEN && ${get} | jq '${filter}' | ${put} )`;
  return {
    putPlain: putPlain(put),
    putJson: edit('.token = env.TOKEN | del(.tokenId)'),
    putNewJson: `( read -rs TOKEN && export TOKEN && jq -n '{token: env.TOKEN}' | ${put} )`,
    // What else stands in the standby stays, as beside it.
    putStandby: edit('.standby.token = env.TOKEN | del(.standby.tokenId)'),
    showIds: `${get} | jq '{tokenId, standbyTokenId: .standby.tokenId}'`,
  };
}

// curl reads the header from its standard input, so the person's token is no argument either.
function rotateById(tokenId: string): string {
  const request = `curl --silent --show-error --config - --header 'Content-Type: application/json' --data '{"expires_at":"YYYY-MM-DD"}'`;
  const url = `"$GITLAB_URL/api/v4/projects/$PROJECT_ID/access_tokens/${tokenId}/rotate"`;
  return `( read -rs GITLAB_TOKEN && printf 'header = "Authorization: Bearer %s"' "$GITLAB_TOKEN" | ${request} ${url} )`;
}

type FunctionCommands = Pick<
  Commands,
  'environment' | 'findRecovery' | 'role' | 'timeout' | 'policy' | 'logs'
>;

function functionCommands(ids: CommandIds, region: string): FunctionCommands {
  const name = `--function-name ${matching(FUNCTION_NAME, ids.functionName) ?? '"$FUNCTION_NAME"'}`;
  const show = (query: string) =>
    `aws lambda get-function-configuration ${name} --query ${query} ${region}`;
  const requestId = matching(REQUEST_ID, ids.requestId);
  const filter = requestId === undefined ? '' : ` --filter-pattern '"${requestId}"'`;
  return {
    environment: show('Environment.Variables'),
    findRecovery: `RECOVERY_SECRET_ARN=$(${show('Environment.Variables.RECOVERY_SECRET_ARN --output text')})`,
    role: show('Role'),
    timeout: show('Timeout'),
    policy: `aws lambda get-policy ${name} --query Policy --output text ${region}`,
    logs: `aws logs tail "$(${show('LoggingConfig.LogGroup --output text')})" --since 1d${filter} ${region}`,
  };
}

function matching(shape: RegExp, value: unknown): string | undefined {
  return typeof value === 'string' && shape.test(value) ? value : undefined;
}

// Of what an ARN may hold only `!` means something to a shell, and no quote can occur in it.
function quoted(arn: string): string {
  return arn.includes('!') ? `'${arn}'` : arn;
}

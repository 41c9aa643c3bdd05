import type { Details, FailureCode, NoticeCode, Step, WatchCode } from '../failure.ts';
import { SECRET_ARN, VERSION_ID } from '../ports/secret-ids.ts';
import { durationText } from './text.ts';

/** What may be known of an invocation by the time that an alert is written. */
export interface AlertIds {
  readonly step?: Step;
  /** An ARN. */
  readonly secretId?: string;
  readonly versionId?: string;
  /** Lambda's. */
  readonly requestId?: string;
  readonly functionName?: string;
  readonly region?: string;
}

/** A failure, a notice or what the watch found, and where it happened. */
export interface About extends AlertIds {
  readonly code: FailureCode | NoticeCode | WatchCode;
  /** The watch has found it. */
  readonly found?: true;
  readonly details: Details;
}

/** What the variables of the runbook stand for, as far as it is known. By their names, such as `VERSION_ID`. */
export type Values = Readonly<Record<string, string | undefined>>;

/** What a secret's ARN says, as far as it has the documented form. */
export interface SecretArn {
  readonly arn: string;
  readonly region: string;
  readonly name: string;
}

const REGION = /^[a-z0-9-]{1,32}$/;
const FUNCTION_NAME = /^[\w:-]{1,170}$/;
const REQUEST_ID = /^[A-Za-z0-9-]{1,64}$/;
const NUMERIC_ID = /^\d{1,20}$/;
const STATUS = /^\d{3}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]{8,18}Z$/;
/** A word of ours or of AWS. */
const WORD = /^[A-Za-z][\w-]{0,63}$/;
/** GitLab's name for one or more permissions. */
const PERMISSION = /^[A-Za-z][A-Za-z ,:]{0,399}$/;

/** Outside its shape a value is none of AWS's, GitLab's or ours, and has no place in a command or a sentence. */
const SHAPES = {
  versionId: VERSION_ID,
  functionName: FUNCTION_NAME,
  requestId: REQUEST_ID,
  tokenId: NUMERIC_ID,
  expectedTokenId: NUMERIC_ID,
  userId: NUMERIC_ID,
  expectedUserId: NUMERIC_ID,
  currentVersionId: VERSION_ID,
  previousVersionId: VERSION_ID,
  salvageVersionId: VERSION_ID,
  expiresAt: DATE,
  nextRotation: DATE,
  recoveryExpiresAt: DATE,
  lastRotated: DATE,
  eventTime: TIME,
  watchFunctionName: FUNCTION_NAME,
  operation: WORD,
  error: WORD,
  reason: WORD,
  status: STATUS,
  permission: PERMISSION,
};

/** Reads an ARN; undefined when it is none of a secret. */
export function readArn(secretId: string | undefined): SecretArn | undefined {
  const found = SECRET_ARN.exec(secretId ?? '');
  return found === null
    ? undefined
    : { arn: found[0], region: String(found[1]), name: String(found[2]) };
}

/** What is known of a failure, each value of its documented shape. */
export function valuesOf(about: About): Values {
  const { details, secretId, region, versionId, functionName, requestId } = about;
  const arn = readArn(secretId);
  const { retryAfterSeconds } = details;
  const known: Readonly<Record<string, unknown>> = {
    ...details,
    versionId,
    functionName,
    requestId,
  };
  const shaped = Object.entries(SHAPES).map(([field, shape]) => [
    variableOf(field),
    matching(shape, known[field]),
  ]);
  return {
    ...Object.fromEntries(shaped),
    SECRET_ARN: arn?.arn,
    SECRET_NAME: arn?.name,
    AWS_REGION: arn?.region ?? matching(REGION, region),
    RETRY_AFTER:
      typeof retryAfterSeconds === 'number' ? durationText(retryAfterSeconds) : undefined,
  };
}

const VARIABLE = /\$([A-Z_]+)/g;
/** What a sentence says only where its values are known. */
const OPTIONAL = /\[([^[\]]*\$[^[\]]*)\]/g;
/** `NAME=$(…)`: a command that finds out a value. */
const FINDS = /^([A-Z_]+)=\$\(/;

/** A sentence without its marks, and with what is known. */
export function fillText(text: string, values: Values): string {
  return fill(
    text
      .replaceAll('`', '')
      .replace(OPTIONAL, (_all, inner: string) =>
        variablesIn(inner).every((name) => values[name] !== undefined) ? inner : '',
      ),
    values,
  );
}

/** Commands for somebody to paste: what they would find out, and is known, is left out. */
export function fillCommands(commands: readonly string[], values: Values): readonly string[] {
  return commands
    .filter((command) => values[FINDS.exec(command)?.[1] ?? ''] === undefined)
    .map((command) =>
      fill(
        command.replace(/"\$([A-Z_]+)"/g, (word, name: string) => quoted(values[name]) ?? word),
        values,
      ),
    );
}

/** The names of the variables in a text, each once. */
export function variablesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map(([, name = '']) => name))];
}

function fill(text: string, values: Values): string {
  return text.replace(VARIABLE, (variable, name: string) => values[name] ?? variable);
}

// Of what an ARN may hold only `!` means something to a shell, and no quote can occur in it.
function quoted(value: string | undefined): string | undefined {
  return value?.includes('!') ? `'${value}'` : value;
}

/** `versionId` is `VERSION_ID`. */
function variableOf(field: string): string {
  return field.replace(/[A-Z]/g, '_$&').toUpperCase();
}

function matching(shape: RegExp, value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && shape.test(text) ? text : undefined;
}

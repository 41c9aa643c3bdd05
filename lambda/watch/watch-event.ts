import { RotationError } from '../failure.ts';
import { SECRET_ARN, SECRET_NAME } from '../ports/secret-ids.ts';

/** AWS's names for what it reports of a rotation that did not end well. */
const VERDICTS = ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'] as const;

/** What AWS reports of one secret. */
export interface AwsVerdict {
  readonly eventName: (typeof VERDICTS)[number];
  /** ISO 8601. */
  readonly eventTime: string;
}

/** What the watch is to look at, and whom to tell. */
export interface WatchTask {
  /** Names or full ARNs, each once. */
  readonly secrets: readonly string[];
  /** Says so, too, where nothing was found. */
  readonly reportWhenWell: boolean;
  /** Sends nothing: whoever invoked it reads the report. */
  readonly quiet: boolean;
  /** The run of the day over all secrets, which alone writes metrics. */
  readonly daily: boolean;
  readonly verdict?: AwsVerdict;
}

type Members = Readonly<Record<string, unknown>>;

const DETAIL_TYPE = 'AWS Service Event via CloudTrail';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/**
 * Reads an event: the list of the secrets from the schedule, or from EventBridge what AWS reports of
 * one secret.
 *
 * @throws {RotationError} EVENT_INVALID, which quotes nothing of the event
 */
export function parseWatchEvent(event: unknown): WatchTask {
  const members = membersOf(event);
  return members['detail-type'] === DETAIL_TYPE ? readVerdict(members) : readSchedule(members);
}

function readSchedule(members: Members): WatchTask {
  const { secrets, reportWhenWell = false, quiet = false, daily = false } = members;
  if (!Array.isArray(secrets) || secrets.length === 0 || !secrets.every(isSecretId)) {
    throw invalid('secrets must be a list of names or full ARNs of secrets');
  }
  if (
    typeof reportWhenWell !== 'boolean' ||
    typeof quiet !== 'boolean' ||
    typeof daily !== 'boolean'
  ) {
    throw invalid('reportWhenWell, quiet and daily must be true or false, or absent');
  }
  return { secrets: [...new Set(secrets)], reportWhenWell, quiet, daily };
}

function readVerdict({ detail }: Members): WatchTask {
  const { eventName, eventTime, additionalEventData } = membersOf(detail);
  const { SecretId: secretId } = membersOf(additionalEventData);
  const verdict = VERDICTS.find((name) => name === eventName);
  if (verdict === undefined) {
    throw invalid(`eventName must be one of ${VERDICTS.join(', ')}`);
  }
  if (typeof eventTime !== 'string' || !TIME.test(eventTime)) {
    throw invalid('eventTime must be a time in ISO 8601, in UTC');
  }
  if (typeof secretId !== 'string' || !SECRET_ARN.test(secretId)) {
    throw invalid('SecretId must be the full ARN of a secret');
  }
  return {
    secrets: [secretId],
    reportWhenWell: false,
    quiet: false,
    daily: false,
    verdict: { eventName: verdict, eventTime },
  };
}

function isSecretId(id: unknown): id is string {
  return typeof id === 'string' && (SECRET_ARN.test(id) || SECRET_NAME.test(id));
}

function membersOf(value: unknown): Members {
  return Object(value);
}

function invalid(problem: string): RotationError {
  return new RotationError('EVENT_INVALID', `this is no event for the watch: ${problem}`);
}

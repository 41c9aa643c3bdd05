import type { AlertIds, Told } from '../../../lambda/alerts/alert.ts';
import {
  type Details,
  type FailureCode,
  NOTICES,
  type NoticeCode,
  RISKS,
  RotationError,
  STEPS,
  type Step,
} from '../../../lambda/failure.ts';
import type { Alert } from '../../../lambda/ports/alert-publisher.ts';

/** A custom notification of a chat integration. */
export interface Notification {
  readonly version: string;
  readonly source: string;
  readonly content: {
    readonly textType: string;
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    readonly threadId: string;
    readonly summary: string;
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

/** What Lambda and Secrets Manager tell of an invocation. */
export const VERSION = '11111111-aaaa-4aaa-8aaa-111111111111';
export const IDS: AlertIds = {
  secretId: arnOf('prod/app/gitlab'),
  versionId: VERSION,
  requestId: '33333333-cccc-4ccc-8ccc-333333333333',
  functionName: 'rotate-gitlab',
  region: 'eu-central-1',
};
/** Bytes of a message with its attributes. */
export const SNS_LIMIT = 262_144;
/** Everything that can be told, and everywhere. */
export const CODES = [...(Object.keys(RISKS) as FailureCode[]), 'EXPIRES_TOO_SOON'] as const;
export const CASES = CODES.flatMap((code) =>
  [undefined, ...STEPS].map((step): { code: FailureCode | NoticeCode; step: Step | undefined } => ({
    code,
    step,
  })),
);

/** The ARN of the secret with this name. */
export function arnOf(name: string): string {
  return `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`;
}

/** A failure or a notice with this code. */
export function toldOf(
  code: FailureCode | NoticeCode,
  { step, ids = IDS, details = {} }: { step?: Step; ids?: AlertIds; details?: Details } = {},
): Told {
  const where = { ...ids, ...(step !== undefined && { step }) };
  return isNotice(code)
    ? { ...where, notice: { code, details } }
    : { ...where, failure: new RotationError(code, 'the reason', { details }) };
}

function isNotice(code: FailureCode | NoticeCode): code is NoticeCode {
  return NOTICES.some((notice) => notice === code);
}

/** What each reader gets. */
export function readAlert({ message }: Alert) {
  const { default: chat, email } = JSON.parse(message) as { default: string; email: string };
  return { chat, email, notification: JSON.parse(chat) as Notification };
}

/** As SNS counts: the message with its attributes; the subject besides, to be safe. */
export function sizeOf({ subject, message, attributes }: Alert): number {
  return Buffer.byteLength(subject + message + JSON.stringify(attributes));
}

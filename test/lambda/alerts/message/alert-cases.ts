import type { Told } from '../../../../lambda/alerts/alert.ts';
import type { AlertIds } from '../../../../lambda/alerts/runbook-values.ts';
import {
  type Details,
  type FailureCode,
  type NoticeCode,
  RotationError,
  type Step,
} from '../../../../lambda/failure.ts';
import type { Alert } from '../../../../lambda/ports/alert-publisher.ts';
import { IDS, isNotice } from '../cases.ts';

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

/** Bytes of a message with its attributes. */
export const SNS_LIMIT = 262_144;
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

/** What each reader gets. */
export function readAlert({ message }: Alert) {
  const { default: chat, email } = JSON.parse(message) as { default: string; email: string };
  return { chat, email, notification: JSON.parse(chat) as Notification };
}

/** As SNS counts: the message with its attributes; the subject besides, to be safe. */
export function sizeOf({ subject, message, attributes }: Alert): number {
  return Buffer.byteLength(subject + message + JSON.stringify(attributes));
}

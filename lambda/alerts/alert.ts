import {
  type Details,
  type FailureCode,
  type NoticeCode,
  type Risk,
  type RotationError,
  riskAt,
} from '../failure.ts';
import type { Alert } from '../ports/alert-publisher.ts';
import type { Notice } from '../ports/step.ts';
import { adviseOn } from './advice.ts';
import { renderChat } from './chat.ts';
import { renderEmail } from './email.ts';
import { type AlertIds, readArn } from './runbook-values.ts';
import { clipMiddle, type Fact, tidy } from './text.ts';

/** What is told, a failure or a notice, and where it happened. */
export type Told = AlertIds & ({ readonly failure: RotationError } | { readonly notice: Notice });

const SUBJECT_PREFIX = '[gitlab-token-rotation] ';
const SUBJECT_LIMIT = 99;
/** What is bounded so far that all of it together fits into one message. */
const MESSAGE_LIMIT = 2000;
const ID_LIMIT = 700;
const DETAILS_LIMIT = 20;
const DETAIL_LIMIT = 500;
const DETAIL_KEY = /^\w{1,40}$/;
/** SNS refuses an empty attribute. */
const NO_STEP = 'none';

/** Tells one failure, or one notice, to three readers: e-mail, chat and programs. */
export function renderAlert(told: Told): Alert {
  const { code, risk, details, message } = contentOf(told);
  const { step, secretId, versionId, requestId, functionName, region } = told;
  const attributes = { code, risk, step: step ?? NO_STEP };
  const ids = known({
    secretName: readArn(secretId)?.name ?? secretId,
    secretArn: secretId,
    versionId,
    functionName,
    region,
    requestId,
  });
  const title = ids['secretName'] === undefined ? code : `${code}: ${ids['secretName']}`;
  const own = { ...attributes, ...ids };
  // First in order, and last, so that no detail replaces them.
  const context = { ...own, ...toldDetails(details), ...own };
  const advice = adviseOn({ ...told, code, details }, risk);
  const facts: readonly Fact[] = [
    ...Object.entries(known({ message }, MESSAGE_LIMIT)),
    ...Object.entries(context),
  ];
  return {
    subject: renderSubject(title),
    message: JSON.stringify({
      default: renderChat(
        {
          title,
          summary: `${title} (step: ${attributes.step}, risk: ${risk})`,
          keywords: [code, `risk: ${risk}`, `step: ${attributes.step}`],
          threadId: ids['versionId'] ?? ids['secretArn'] ?? code,
        },
        advice,
        facts,
        context,
      ),
      email: renderEmail(title, advice, facts),
    }),
    attributes,
  };
}

interface Content {
  readonly code: FailureCode | NoticeCode;
  readonly risk: Risk;
  readonly details: Details;
  readonly message?: string;
}

function contentOf(told: Told): Content {
  if ('notice' in told) {
    return { ...told.notice, risk: 'none' };
  }
  const { code, details, message } = told.failure;
  return { code, details, message, risk: riskAt(told.step, told.failure) };
}

/** SNS takes more than ASCII in a subject today, but did not always, and mail programs differ. */
export function renderSubject(title: string): string {
  const ascii = title.replace(/[^\x20-\x7e]/gu, '?');
  return SUBJECT_PREFIX + clipMiddle(ascii, SUBJECT_LIMIT - SUBJECT_PREFIX.length);
}

/** The details as texts: bounded in number and length, whoever wrote them. */
export function toldDetails(details: Details): Readonly<Record<string, string>> {
  const told = Object.entries(details)
    .filter(([key]) => DETAIL_KEY.test(key))
    .slice(0, DETAILS_LIMIT)
    .map(([key, value]) => [key, typeof value === 'object' ? value.join(', ') : String(value)]);
  return known(Object.fromEntries(told), DETAIL_LIMIT);
}

/** What is known, tidied; an empty text is as good as none. */
export function known(
  texts: Readonly<Record<string, string | undefined>>,
  limit = ID_LIMIT,
): Readonly<Record<string, string>> {
  const tidied = Object.entries(texts).map(([key, text = '']) => [key, tidy(text, limit)] as const);
  return Object.fromEntries(tidied.filter(([, text]) => text !== ''));
}

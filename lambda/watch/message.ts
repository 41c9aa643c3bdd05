import { type Advice, adviseOn } from '../alerts/advice.ts';
import { known, renderSubject, toldDetails } from '../alerts/alert.ts';
import { renderChat, renderNotification } from '../alerts/chat.ts';
import { renderEmail, renderSteps } from '../alerts/email.ts';
import type { Action } from '../alerts/runbook.ts';
import { readArn } from '../alerts/runbook-values.ts';
import { clip } from '../alerts/text.ts';
import type { Details, Risk, WatchCode } from '../failure.ts';
import type { Alert } from '../ports/alert-publisher.ts';
import { counted, digestOf } from './digest.ts';
import { type Finding, worstFirst } from './finding.ts';
import type { Report, SecretReport, TokenReport } from './run.ts';

/** Where the watch ran, and which function rotates. */
export interface WatchIds {
  readonly watchFunctionName: string;
  /** Of the function that rotates: the commands are about that one. */
  readonly functionName: string;
  readonly region: string;
  /** Of the watch. */
  readonly accountId: string;
  /** Lambda's. */
  readonly requestId: string;
}

/** What was found at one secret, and what else is known of it. */
interface Subject {
  readonly name: string;
  readonly arn: string | undefined;
  readonly isRecovery: boolean;
  /** Of the worst finding. */
  readonly code: Finding['code'];
  readonly risk: Risk;
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, string | undefined>>;
}

/** For programs: which findings, at which secrets. */
const CONTEXT_LIMIT = 4000;

/** One message for all that a run has found: of a single secret with all steps and commands. */
export function renderReport(report: Report, ids: WatchIds): Alert {
  const subjects = subjectsIn(report);
  const [only, ...others] = subjects;
  if (only === undefined) {
    return renderWell(report, ids);
  }
  return others.length === 0
    ? renderOne(only, report.checkedAt, ids)
    : renderSeveral(only, subjects, report, ids);
}

/** Whether anything was found. */
export function hasFindings(report: Report): boolean {
  return subjectsIn(report).length > 0;
}

function subjectsIn({ secrets, recovery }: Report): readonly Subject[] {
  const all: readonly Omit<Subject, 'code' | 'risk'>[] = [
    ...secrets.map((secret) => ({
      ...secret,
      arn: secret.arn,
      isRecovery: false,
      facts: factsOf(secret),
    })),
    ...(recovery
      ? [
          {
            name: readArn(recovery.arn)?.name ?? recovery.arn,
            arn: recovery.arn,
            isRecovery: true,
            findings: recovery.findings,
            facts: {},
          },
        ]
      : []),
  ];
  return worstFirst(
    all.flatMap((each) =>
      each.findings.slice(0, 1).map(({ code, risk }) => ({ ...each, code, risk })),
    ),
  );
}

/** By label: which version has it, and whether its token is active. */
function factsOf(secret: SecretReport): Subject['facts'] {
  const { labels, tokens, current, standby, lastRotated, nextRotation } = secret;
  const versions = Object.entries(labels).flatMap(([versionId, names]) =>
    names.map((name) => [name, `${versionId} (token: ${tokens[versionId] ?? 'not-checked'})`]),
  );
  return {
    ...Object.fromEntries(versions),
    currentToken: current && tokenText(current),
    standbyToken: standby && tokenText(standby),
    lastRotated,
    nextRotation,
  };
}

function tokenText({ tokenId, expiresAt }: TokenReport): string {
  return `${tokenId}, expires ${expiresAt ?? 'never'}`;
}

function renderOne(
  { name, arn, code, risk, findings, facts }: Subject,
  checkedAt: string,
  ids: WatchIds,
): Alert {
  const advice = joined(findings.map((each) => adviceFor(each, arn, ids)));
  const details = Object.assign(
    {},
    ...findings.toReversed().map((each) => each.details),
  ) as Details;
  const context = {
    ...contextOf(code, risk, { ...ids, checkedAt }),
    ...known({
      secretName: name,
      secretArn: arn,
      findings: findings.map((each) => each.code).join(', '),
      ...facts,
    }),
  };
  const all = { ...context, ...toldDetails(details), ...context };
  return alertOf(`${code}: ${name}`, { code, risk }, (head, title) => ({
    default: renderChat({ ...head, threadId: arn ?? name }, advice, Object.entries(all), all),
    email: renderEmail(title, advice, Object.entries(all)),
  }));
}

function renderSeveral(
  { code, risk }: Subject,
  subjects: readonly Subject[],
  { secrets, checkedAt }: Report,
  ids: WatchIds,
): Alert {
  const details = { watchFunctionName: ids.watchFunctionName };
  const { todo } = adviseOn({ code: 'SEVERAL_SECRETS', details, region: ids.region }, risk);
  const lines = digestOf(
    subjects.map(({ name, arn, findings }) => ({
      // The watch finds a secret of another account by its ARN alone.
      name: isForeign(arn, ids) ? arn : name,
      findings,
    })),
  );
  const context = {
    ...contextOf(code, risk, { ...ids, checkedAt }),
    findings: clip(
      subjects
        .map(({ name, findings }) => `${name}: ${findings.map((each) => each.code).join(' ')}`)
        .join(', '),
      CONTEXT_LIMIT,
    ),
  };
  const ill = subjects.filter(({ isRecovery }) => !isRecovery).length;
  const recovery = ill < subjects.length ? ' and the recovery credential' : '';
  const title = `${code}: ${ill} of ${counted(secrets.length)}${recovery} need somebody`;
  return alertOf(title, { code, risk }, (head) => ({
    default: renderNotification(head, lines.join('\n'), withCommands(todo), context),
    email: [title, '', ...lines, renderSteps(todo)].join('\n'),
  }));
}

function isForeign(arn: string | undefined, { accountId }: WatchIds): arn is string {
  return arn !== undefined && arn.split(':')[4] !== accountId;
}

/** In a chat the steps stand apart from the description. */
function withCommands(todo: readonly Action[]): readonly Action[] {
  return todo.map(({ text, commands }) => ({ text: [text, ...commands].join('\n'), commands: [] }));
}

function renderWell({ secrets, checkedAt }: Report, ids: WatchIds): Alert {
  const [code, risk] = ['WELL', 'none'] as const;
  const advice = adviseOn({ code, details: {} }, risk);
  const context = {
    ...contextOf(code, risk, { ...ids, checkedAt }),
    secrets: String(secrets.length),
  };
  const title = `${code}: ${counted(secrets.length)}`;
  return alertOf(title, { code, risk }, (head) => ({
    default: renderChat(head, advice, Object.entries(context), context),
    email: renderEmail(title, advice, Object.entries(context)),
  }));
}

interface Head {
  readonly title: string;
  readonly summary: string;
  readonly keywords: readonly string[];
  readonly threadId: string;
}

function alertOf(
  title: string,
  { code, risk }: { readonly code: WatchCode; readonly risk: Risk },
  render: (head: Head, title: string) => { readonly default: string; readonly email: string },
): Alert {
  const head = {
    title,
    summary: `${title} (step: watch, risk: ${risk})`,
    keywords: [code, `risk: ${risk}`, 'step: watch'],
    threadId: 'watch',
  };
  return {
    subject: renderSubject(title),
    message: JSON.stringify(render(head, title)),
    attributes: { code, risk, step: 'watch' },
  };
}

function contextOf(
  code: WatchCode,
  risk: Risk,
  ids: WatchIds & { readonly checkedAt: string },
): Readonly<Record<string, string>> {
  const { accountId: _, ...told } = ids;
  return { code, risk, step: 'watch', ...known(told) };
}

function adviceFor(
  { code, risk, details }: Finding,
  arn: string | undefined,
  { functionName, region, requestId, watchFunctionName }: WatchIds,
): Advice {
  const { pendingVersionId } = details;
  return adviseOn(
    {
      code,
      found: true,
      details: { ...details, watchFunctionName },
      functionName,
      region,
      requestId,
      ...(arn !== undefined && { secretId: arn }),
      ...(typeof pendingVersionId === 'string' && { versionId: pendingVersionId }),
    },
    risk,
  );
}

/** Everything that happened, who is affected by the worst, and each step once. */
function joined(all: readonly Advice[]): Advice {
  const steps = new Map(all.flatMap(({ todo }) => todo.map((step) => [step.text, step] as const)));
  return {
    happened: [...new Set(all.map(({ happened }) => happened))].join(' '),
    affected: all
      .map(({ affected }) => affected)
      .slice(0, 1)
      .join(''),
    todo: [...steps.values()],
  };
}

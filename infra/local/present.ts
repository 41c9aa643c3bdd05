import { bad, faint, good, strong } from './paint.ts';
import { presentAlerts, presentUntold } from './present-alerts.ts';
import type { LabelState, Report, SecretState, StepReport } from './report.ts';
import type { RotationProgress } from './secrets-manager/rotation-run.ts';

/** What is shown while a rotation runs: a line per step, as it ends. */
export function presentProgress(progress: RotationProgress): string | undefined {
  switch (progress.what) {
    case 'step-succeeded':
      return `  ${good('✓')} ${progress.step.padEnd(14)}${milliseconds(progress.durationMs)}`;
    case 'step-failed':
      return [
        `  ${bad('✗')} ${progress.step.padEnd(14)}${milliseconds(progress.durationMs)}`,
        `      ${bad(progress.errorMessage)}`,
      ].join('\n');
    case 'retry-planned':
      return faint(`    Secrets Manager tries again, from createSecret on, with the same version`);
    default:
      return undefined;
  }
}

/** What is shown at the end. */
export function presentReport(report: Report): string {
  const { before, after, calls, deadWindow, alerts, untold } = report;
  const alive = after.labels.find(({ label }) => label === 'AWSCURRENT')?.alive === true;
  return [
    '',
    presentStates(before, after),
    '',
    `  ${strong(headline(report))}`,
    `  AWSCURRENT ${alive ? good('leads to a living token') : bad('leads to a dead token')}; ${presentWindow(
      deadWindow,
    )}`,
    ...orphanLines(after),
    ...blockLines(report),
    '',
    strong('Calls'),
    ...Object.entries(calls).map(([service, counts]) => presentCalls(service, counts)),
    ...presentUntold(untold),
    ...presentAlerts(alerts),
  ].join('\n');
}

function presentWindow({ ms, ongoing }: Report['deadWindow']): string {
  if (ongoing) {
    return bad('it is dead still');
  }
  return ms === 0 ? 'it was never dead' : `it was dead for ${ms} ms`;
}

function headline({ outcome, attempts, steps }: Report): string {
  const times = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  const total = steps.reduce((sum: number, { durationMs }: StepReport) => sum + durationMs, 0);
  return `Rotation ${outcome} after ${times} and ${Math.round(total)} ms in its steps`;
}

const COLUMN = 34;

function presentStates(before: SecretState, after: SecretState): string {
  const rows = after.labels.flatMap((now, index) => {
    const then = before.labels[index];
    const standbys = then?.standby ?? now.standby;
    return [
      presentRow(now.label, then, now),
      ...(standbys ? [presentRow('  standby', then?.standby, now.standby)] : []),
    ];
  });
  return [`  ${' '.repeat(14)}${strong('before'.padEnd(COLUMN))}${strong('after')}`, ...rows].join(
    '\n',
  );
}

function presentRow(
  name: string,
  then: Partial<LabelState> | undefined,
  now: Partial<LabelState> | undefined,
): string {
  return `  ${name.padEnd(14)}${presentToken(then, COLUMN)}${presentToken(now, 0)}`;
}

function presentToken(state: Partial<LabelState> | undefined, width: number): string {
  if (state?.tokenId === undefined) {
    return faint((state?.empty ? 'empty version' : '-').padEnd(width));
  }
  const life = state.alive ? `alive until ${state.expiresAt ?? 'revoked'}` : 'dead';
  const text = `token ${state.tokenId}, ${life}`.padEnd(width);
  return state.alive ? good(text) : faint(text);
}

function orphanLines({ orphans }: SecretState): string[] {
  return orphans.length === 0
    ? []
    : [`  ${bad(`alive at GitLab, but in no version of the secret: token ${orphans.join(', ')}`)}`];
}

/** What the last attempt left is in the way of whoever tries again. */
function blockLines({ after, alerts }: Report): string[] {
  const isBlocked = after.labels.some(({ label, empty }) => label === 'AWSPENDING' && empty);
  const hint = alerts.length > 0 ? ', as the mail below says' : '';
  return isBlocked
    ? [
        '  AWSPENDING is on an empty version: AWS refuses another rotate-secret',
        `  until the label is taken off${hint}`,
      ]
    : [];
}

function presentCalls(service: string, counts: Readonly<Record<string, number>>): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(counts).map(([operation, count]) => `${operation} ${count}`);
  return `  ${service.padEnd(17)}${String(total).padStart(3)}  ${faint(parts.join(', '))}`.trimEnd();
}

function milliseconds(ms: number): string {
  return faint(`${Math.round(ms)} ms`.padStart(9));
}

import { beside, outputWidth, paragraph } from '../../terminal/layout.ts';
import { bad, faint, good, strong } from '../../terminal/paint.ts';
import type { DemoReport, LabelState, SecretState, StepReport } from '../demo/report.ts';
import type { RotationProgress } from '../secrets-manager/rotation/run.ts';
import { presentAlertDelivery, presentAlerts, presentLastAlert } from './present-alerts.ts';

/** What is shown while a rotation runs: a line per step, as it ends. */
export function presentProgress(progress: RotationProgress): string | undefined {
  switch (progress.what) {
    case 'step-succeeded':
      return `  ${good('✓')} ${progress.step.padEnd(14)}${milliseconds(progress.durationMs)}`;
    case 'step-failed':
      return [
        `  ${bad('✗')} ${progress.step.padEnd(14)}${milliseconds(progress.durationMs)}`,
        ...paragraph(`      ${progress.errorMessage}`, outputWidth()).map(bad),
      ].join('\n');
    case 'retry-planned':
      return paragraph(RETRY, outputWidth()).map(faint).join('\n');
    default:
      return undefined;
  }
}

const RETRY = '    Secrets Manager tries again, from createSecret on, with the same version';

export interface ReportProps {
  /** Every alert in full and all calls, instead of what fits a screen. @default false */
  readonly verbose?: boolean;
  /** @default - that of the output */
  readonly width?: number;
}

/** What is shown at the end. */
export function presentDemo(
  report: DemoReport,
  { verbose = false, width = outputWidth() }: ReportProps = {},
): string {
  const { before, after, calls, inactiveWindow, alerts, alertDelivery } = report;
  const current = after.labels.find(({ label }) => label === 'AWSCURRENT');
  return [
    '',
    presentStates(before, after, width),
    '',
    ...paragraph(`  ${headline(report)}`, width).map(strong),
    ...paragraph(`  ${presentCurrent(current, inactiveWindow)}`, width).map(
      current?.status === 'active' ? good : bad,
    ),
    ...unexpectedLines(report, width),
    ...orphanLines(after, width),
    ...blockLines(report, width),
    ...(verbose || alerts.length === 0 ? ['', ...presentCalls(calls, width)] : []),
    ...presentAlertDelivery(alertDelivery, width),
    ...(verbose ? presentAlerts(alerts) : presentLastAlert(alerts, width)),
  ].join('\n');
}

function presentCurrent(
  current: LabelState | undefined,
  { ms, ongoing }: DemoReport['inactiveWindow'],
): string {
  if (ongoing) {
    return `AWSCURRENT leads to a token that is ${current?.status ?? 'missing'}`;
  }
  const before = ms === 0 ? 'as it did all the time' : `after ${ms} ms in which it did not`;
  return `AWSCURRENT leads to an active token, ${before}`;
}

/** Nothing where the demonstration ended as it should. */
function unexpectedLines({ ending, expectedEnding }: DemoReport, width: number): readonly string[] {
  const text = `  This demonstration should have ended with: ${expectedEnding}. It ended with: ${ending}`;
  return ending === expectedEnding ? [] : paragraph(text, width).map(bad);
}

function headline({ outcome, attempts, steps }: DemoReport): string {
  const times = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  const total = steps.reduce((sum: number, { durationMs }: StepReport) => sum + durationMs, 0);
  return `Rotation ${outcome} after ${times} and ${Math.round(total)} ms in its steps`;
}

/** Of the names of the labels. With it, a usual terminal shows both states side by side. */
const NAME_WIDTH = 12;

/** Side by side where there is room, else one below the other. */
function presentStates(before: SecretState, after: SecretState, width: number): string {
  const [then, now] = [before, after].map((state) => rowsOf(state, [before, after]));
  const rows = (then ?? []).map((row, index) => [row, now?.[index] ?? row] as const);
  const beforeWidth = 2 + widest(rows.map(([row]) => row));
  if (2 + NAME_WIDTH + beforeWidth + widest(rows.map(([, row]) => row)) <= width) {
    const head = `${strong('before'.padEnd(beforeWidth))}${strong('after')}`;
    return [
      `  ${' '.repeat(NAME_WIDTH)}${head}`,
      ...rows.map(
        ([was, is]) =>
          `  ${was.name.padEnd(NAME_WIDTH)}${was.paint(was.text.padEnd(beforeWidth))}${is.paint(is.text)}`,
      ),
    ].join('\n');
  }
  const block = (title: string, states: readonly StateRow[]) => [
    `  ${strong(title)}`,
    ...states.map(({ name, text, paint }) => `  ${name.padEnd(NAME_WIDTH)}${paint(text)}`),
  ];
  return [
    ...block(
      'before',
      rows.map(([was]) => was),
    ),
    '',
    ...block(
      'after',
      rows.map(([, is]) => is),
    ),
  ].join('\n');
}

interface StateRow {
  readonly name: string;
  readonly text: string;
  readonly paint: (text: string) => string;
}

function widest(rows: readonly StateRow[]): number {
  return Math.max(...rows.map(({ text }) => text.length));
}

/** The rows of one state; those of a standby where any of the states has one. */
function rowsOf({ labels }: SecretState, states: readonly SecretState[]): readonly StateRow[] {
  return labels.flatMap((state, index) => {
    const hasStandby = states.some((each) => each.labels[index]?.standby);
    return [
      { name: state.label, ...presentToken(state) },
      ...(hasStandby ? [{ name: '  standby', ...presentToken(state.standby) }] : []),
    ];
  });
}

function presentToken(state: Partial<LabelState> | undefined): Omit<StateRow, 'name'> {
  if (state?.tokenId === undefined) {
    return { text: state?.empty ? 'empty version' : '-', paint: faint };
  }
  const isActive = state.status === 'active';
  const life = isActive ? `active until ${state.expiresAt ?? 'revoked'}` : state.status;
  return { text: `token ${state.tokenId}, ${life}`, paint: isActive ? good : faint };
}

function orphanLines({ orphans }: SecretState, width: number): readonly string[] {
  const text = `  active at GitLab, but in no version of the secret: token ${orphans.join(', ')}`;
  return orphans.length === 0 ? [] : paragraph(text, width).map(bad);
}

/** What the last attempt left blocks the next rotation. */
function blockLines({ after, alerts }: DemoReport, width: number): readonly string[] {
  const isBlocked = after.labels.some(({ label, empty }) => label === 'AWSPENDING' && empty);
  const hint = alerts.length > 0 ? ': --verbose shows the mail that says what to do' : '';
  const text = `  AWSPENDING is on an empty version, which blocks rotate-secret${hint}`;
  return isBlocked ? paragraph(text, width) : [];
}

function presentCalls(calls: DemoReport['calls'], width: number): readonly string[] {
  return [
    strong('Calls'),
    ...Object.entries(calls).flatMap(([service, counts]) => {
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      // A name and its number stay together.
      const parts = Object.entries(counts).map(
        ([operation, count]) => `${operation}\u00a0${count}`,
      );
      const name = `  ${service.padEnd(17)}${String(total).padStart(3)}  `;
      return beside(name, parts.join(', '), width).map((line) => line.replaceAll('\u00a0', ' '));
    }),
  ];
}

function milliseconds(ms: number): string {
  return faint(`${Math.round(ms)} ms`.padStart(9));
}

import { wrap } from '../terminal/layout.ts';
import { bad, doubtful, faint, good, strong } from '../terminal/paint.ts';
import {
  daysUntil,
  type Finding,
  type RecoveryReport,
  type Report,
  type SecretReport,
  type Token,
  type TokenState,
} from './report.ts';

export interface TableProps {
  /** What is watched. */
  readonly title: string;
  /** Columns of the terminal. */
  readonly width: number;
}

const MARK_WIDTH = 2;
/** Of all columns beside the name, with the gaps before them. */
const CELLS_WIDTH = 58;
const LEAST_NAME = 12;
const INDENT = ' '.repeat(4);
/** For the people who run GitLab. The log of the watch and --json have them. */
const LEFT_OUT: readonly string[] = ['status', 'gitlabRequestId'];
const RUNBOOK = 'lambda/alerts/runbook.md';

/** The report for a person: a line for each secret, and beneath it what was found. */
export function presentStatus(report: Report, { title, width }: TableProps): string {
  const { secrets, recovery, checkedAt } = report;
  const room = Math.max(LEAST_NAME, width - MARK_WIDTH - CELLS_WIDTH);
  const nameWidth = Math.min(room, Math.max(6, ...secrets.map(({ name }) => name.length)));
  return [
    `${strong(title)}, ${checkedAt.slice(0, 16).replace('T', ' ')} UTC`,
    '',
    ...headings(nameWidth).map(faint),
    ...secrets.flatMap((secret) => [
      `${markOf(secret)} ${shortened(secret.name, nameWidth).padEnd(nameWidth)}${cellsOf(secret, report)}`,
      ...presentFindings(secret, width),
    ]),
    ...(recovery ? ['', ...presentRecovery(recovery, report, width)] : []),
    '',
    ...summaryOf(report),
  ].join('\n');
}

function headings(nameWidth: number): readonly string[] {
  const blanks = ' '.repeat(MARK_WIDTH + nameWidth);
  const groups = '  days to expiry    rotation                version of AWS';
  const columns = row('current', 'standby', ['last', 'next'], ['CURR', 'PEND', 'PREV']);
  return [`${blanks}${groups}`, `${'  secret'.padEnd(blanks.length)}${columns}`];
}

function row(
  current: string,
  standby: string,
  dates: readonly string[],
  versions: readonly string[],
): string {
  const cells = [
    ...[current, standby].map((cell) => cell.padStart(7)),
    ...dates.map((cell) => cell.padEnd(10)),
    versions.map((cell) => cell.padEnd(4)).join(' '),
  ];
  return cells
    .map((cell) => `  ${cell}`)
    .join('')
    .trimEnd();
}

function cellsOf(secret: SecretReport, report: Report): string {
  const { lastRotated, nextRotation, labels, tokens, current, standby, standbyToken } = secret;
  const [currentId, ...others] = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'].map((label) =>
    versionWith(labels, label),
  );
  const currentToken = tokens[currentId ?? ''] ?? 'not-checked';
  return row(
    current ? expiryOf(current, report) : wordFor(currentToken, secret, 'EXPIRED'),
    standby
      ? expiryOf(standby, report)
      : standbyToken
        ? wordFor(standbyToken, secret, 'STANDBY_DEAD')
        : '-',
    [lastRotated, nextRotation].map((time) => time?.slice(0, 10) ?? '-'),
    [currentId, ...others].map((id) => id?.slice(0, 4) ?? '-'),
  );
}

function versionWith(labels: SecretReport['labels'], label: string): string | undefined {
  return Object.keys(labels).find((id) => labels[id]?.includes(label));
}

function expiryOf({ expiresAt }: Pick<Token, 'expiresAt'>, report: Report): string {
  return expiresAt === null ? 'never' : String(daysUntil(expiresAt, report));
}

/** For a token that is not active. @param code of the finding that says why */
function wordFor(state: TokenState, { findings }: SecretReport, code: string): string {
  if (state !== 'dead') {
    return '?';
  }
  const isExpired = findings.some(
    (finding) => finding.code === code && finding.details['reason'] === 'expired',
  );
  return isExpired ? 'expired' : 'revoked';
}

/** By the worst finding. */
function markOf({ findings: [worst] }: Pick<SecretReport, 'findings'>): string {
  if (worst === undefined) {
    return good('✓');
  }
  return worst.risk === 'consumers' ? bad('✗') : doubtful('!');
}

/** What was found at a secret, each with its details. */
function presentFindings(
  { findings }: Pick<SecretReport, 'findings'>,
  width: number,
): readonly string[] {
  return findings.flatMap((finding) => {
    const { code, risk } = finding;
    const paint = risk === 'consumers' ? bad : doubtful;
    const details = detailsOf(finding);
    const [first = '', ...others] = wrap(
      [code, ...(details === '' ? [] : [details])].join(': '),
      width - 2 * INDENT.length,
    );
    return [
      `${INDENT}${first.replace(code, () => paint(code))}`,
      ...others.map((line) => `${INDENT}${INDENT}${line}`),
    ];
  });
}

function detailsOf({ code, details }: Finding): string {
  return Object.entries(details)
    .filter(([name]) => !LEFT_OUT.includes(name))
    .map(([name, value]) =>
      name === 'message'
        ? String(value).replace(`${code}: `, '')
        : `${name} ${Array.isArray(value) ? value.join(' ') : value}`,
    )
    .join(', ');
}

function presentRecovery(
  recovery: RecoveryReport,
  report: Report,
  width: number,
): readonly string[] {
  const { arn, expiresAt } = recovery;
  const days = expiresAt === undefined ? '?' : expiryOf({ expiresAt }, report);
  const name = arn.replace(/^(?:[^:]*:){6}/, '');
  return [
    `${markOf(recovery)} recovery credential ${name}, days to expiry: ${days}`,
    ...presentFindings(recovery, width),
  ];
}

function summaryOf({ secrets, recovery }: Report): readonly string[] {
  const ill = secrets.filter(({ findings }) => findings.length > 0);
  const affecting = ill.filter(({ findings: [worst] }) => worst?.risk === 'consumers').length;
  const total = `${secrets.length} secret${secrets.length === 1 ? '' : 's'}`;
  const count = `${ill.length} of ${total} ${ill.length === 1 ? 'has' : 'have'} findings`;
  const effect = `${affecting} of them ${affecting === 1 ? 'affects' : 'affect'} consumers now`;
  const summary = ill.length === 0 ? `No findings in ${total}` : count;
  const isWell = ill.length === 0 && (recovery?.findings ?? []).length === 0;
  return [
    `${affecting === 0 ? summary : `${summary}; ${effect}`}.`,
    ...(isWell ? [] : [`What to do about each code: ${RUNBOOK}`]),
  ];
}

/** A name that is too long loses its middle: names differ at their beginnings and ends. */
function shortened(name: string, width: number): string {
  if (name.length <= width) {
    return name;
  }
  const kept = width - 1;
  return `${name.slice(0, Math.ceil(kept / 2))}…${name.slice(name.length - Math.floor(kept / 2))}`;
}

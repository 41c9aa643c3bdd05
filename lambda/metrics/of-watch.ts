import type { FindingCode } from '../failure.ts';
import { daysUntil } from '../time/token-expiry.ts';
import type { Finding } from '../watch/finding.ts';
import type { RecoveryReport } from '../watch/recovery.ts';
import { nameOf, type Report, type SecretReport } from '../watch/run.ts';
import type { Measured } from './embedded-format.ts';

interface Expiry {
  readonly SecretName: string;
  readonly Token: 'current' | 'standby' | 'recovery';
  /** Undefined where it never expires, or is not known. */
  readonly days: number | undefined;
}

/**
 * What a run over all secrets has seen: a line for each code, and one for each token. A token that never
 * expires, or that GitLab was not asked about, has none.
 */
export function measureReport(report: Report, FunctionName: string): readonly Measured[] {
  return [
    ...Object.entries(countsOf(findingsIn(report).flat())).map(([Code, Findings]) => ({
      dimensions: { FunctionName, Code },
      values: { Findings },
    })),
    ...expiriesIn(report).flatMap(({ days, ...names }) =>
      days === undefined
        ? []
        : [{ dimensions: { FunctionName, ...names }, values: { DaysToExpiry: days } }],
    ),
  ];
}

/** That such a run has ended: an alarm counts it, and sounds where there is none for more than a day. */
export function measureEnd(report: Report, FunctionName: string): readonly Measured[] {
  const SecretsWithFindings = findingsIn(report).filter(({ length }) => length > 0).length;
  return [{ dimensions: { FunctionName }, values: { SecretsWithFindings } }];
}

function findingsIn({ secrets, recovery }: Report): readonly (readonly Finding[])[] {
  return [...secrets, ...(recovery ? [recovery] : [])].map(({ findings }) => findings);
}

function countsOf(findings: readonly Finding[]): Readonly<Record<string, number>> {
  const counts: Partial<Record<FindingCode, number>> = {};
  for (const { code } of findings) {
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

function expiriesIn({ checkedAt, secrets, recovery }: Report): readonly Expiry[] {
  const now = new Date(checkedAt);
  const daysOf = (expiresAt: string | null | undefined) =>
    typeof expiresAt === 'string' ? daysUntil(expiresAt, now) : undefined;
  const ofSecret = (secret: SecretReport): readonly Expiry[] => {
    const { name: SecretName, current, standby } = secret;
    const isDead = (...codes: FindingCode[]) =>
      secret.findings.some(({ code }) => codes.includes(code));
    return [
      {
        SecretName,
        Token: 'current',
        days: isDead('REVOKED', 'EXPIRED') ? 0 : daysOf(current?.expiresAt),
      },
      {
        SecretName,
        Token: 'standby',
        days: isDead('STANDBY_DEAD') ? 0 : daysOf(standby?.expiresAt),
      },
    ];
  };
  // One code is for all reasons why it cannot be used.
  const ofRecovery = ({ arn, expiresAt, findings }: RecoveryReport): Expiry => {
    const isDead = findings.some(({ details }) => details['recovery'] === 'dead');
    return { SecretName: nameOf(arn), Token: 'recovery', days: isDead ? 0 : daysOf(expiresAt) };
  };
  return [...secrets.flatMap(ofSecret), ...(recovery ? [ofRecovery(recovery)] : [])];
}

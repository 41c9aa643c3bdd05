import { z } from 'zod';

/** `YYYY-MM-DD`; null for never. */
const expiresAt = z.iso.date().nullable();
const time = z.iso.datetime();
const token = z.looseObject({ tokenId: z.string(), expiresAt });

const finding = z.looseObject({
  code: z.string(),
  /** Who is affected. */
  risk: z.enum(['none', 'unknown', 'consumers']),
  details: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
  ),
});

const tokenState = z.enum(['active', 'dead', 'empty', 'not-checked']);

const secret = z.looseObject({
  name: z.string(),
  /** Absent where GitLab does not accept it, or was not asked; so is `standby`. */
  current: token.optional(),
  standby: token.optional(),
  standbyToken: tokenState.optional(),
  lastRotated: time.optional(),
  nextRotation: time.optional(),
  /** By the id of the version. */
  labels: z.record(z.string(), z.array(z.string())),
  tokens: z.record(z.string(), tokenState),
  /** The worst first. */
  findings: z.array(finding),
});

const recovery = z.looseObject({
  arn: z.string(),
  expiresAt: expiresAt.optional(),
  findings: z.array(finding),
});

/** What the watch returns, as far as the status shows it. Whatever else there is stays in it. */
const report = z.looseObject({
  checkedAt: time,
  /** The worst first. */
  secrets: z.array(secret),
  recovery: recovery.optional(),
});

export type Report = z.output<typeof report>;
export type SecretReport = z.output<typeof secret>;
export type RecoveryReport = z.output<typeof recovery>;
export type Token = z.output<typeof token>;
export type TokenState = z.output<typeof tokenState>;
export type Finding = z.output<typeof finding>;

/** @throws {Error} for anything else, with what to do */
export function readReport(text: string): Report {
  const { data } = report.safeParse(parsed(text));
  if (data === undefined) {
    throw new Error(
      'The watch has answered with something else than a report, perhaps because it is of another version than this checkout. Deploy this one: npm run deploy',
    );
  }
  return data;
}

export function hasFindings({ secrets, recovery: credential }: Report): boolean {
  return [...secrets, ...(credential ? [credential] : [])].some(
    ({ findings }) => findings.length > 0,
  );
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whole days in UTC until GitLab does not accept a token any more, at the beginning of its day. */
export function daysUntil(date: string, { checkedAt }: Pick<Report, 'checkedAt'>): number {
  return (Date.parse(date) - Date.parse(checkedAt.slice(0, 10))) / DAY_MS;
}

/** The report for programs: each date of expiry has the days until then beside it. */
export function withDays(whole: Report): Report {
  const dated = <T extends { readonly expiresAt?: string | null | undefined }>(part: T) =>
    typeof part.expiresAt === 'string'
      ? { ...part, expiresInDays: daysUntil(part.expiresAt, whole) }
      : part;
  return {
    ...whole,
    secrets: whole.secrets.map((each) => ({
      ...each,
      ...(each.current && { current: dated(each.current) }),
      ...(each.standby && { standby: dated(each.standby) }),
    })),
    ...(whole.recovery && { recovery: dated(whole.recovery) }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { type Details, FINDINGS, type FindingCode } from '../failure.ts';
import { currentVersionId, type SecretDescription } from '../ports/secret-store.ts';
import { nextRotation, type RotationsAhead } from '../time/token-expiry.ts';
import { type Judgement, judgeTokens } from '../token/judge-tokens.ts';
import { type Finding, finding, notChecked, soonestEnd, worstFirst } from './finding.ts';
import {
  pendingDetails,
  rotationFindings,
  type Standard,
  stuckFindings,
} from './judge-rotation.ts';
import { isActiveToken, isDeadToken, isVerdict, type Seen, type Sight } from './sight.ts';
import type { AwsVerdict } from './watch-event.ts';

const OF_VERDICT = {
  RotationFailed: 'ROTATION_FAILED',
  RotationAbandoned: 'ROTATION_ABANDONED',
  TestRotationFailed: 'DRY_RUN_FAILED',
} as const satisfies Record<AwsVerdict['eventName'], FindingCode>;

const OF_PROBLEM = {
  current: { dead: 'REVOKED', 'scope-missing': 'SCOPE_MISSING', 'expires-soon': 'EXPIRES_SOON' },
  standby: {
    dead: 'STANDBY_DEAD',
    'scope-missing': 'STANDBY_SCOPE_MISSING',
    'expires-soon': 'STANDBY_EXPIRES_SOON',
  },
} as const;

/** Everything that is wrong with a secret, the worst first. */
export function judge(sight: Sight, standard: Standard): readonly Finding[] {
  return worstFirst([
    ...verdictFindings(sight, standard),
    ...failureFindings(sight),
    ...rotationFindings(sight.description, standard),
    ...stuckFindings(sight, standard),
    ...tokenFindings(sight, standard),
    ...valueFindings(sight),
  ]);
}

function verdictFindings(sight: Sight, { verdict }: Standard): readonly Finding[] {
  if (verdict === undefined) {
    return [];
  }
  const code = OF_VERDICT[verdict.eventName];
  const { current } = sight;
  const [currentToken, risk] = isActiveToken(current)
    ? (['active', 'none'] as const)
    : isDeadToken(current)
      ? (['dead', 'consumers'] as const)
      : (['not-checked', FINDINGS[code]] as const);
  return [
    finding(code, { eventTime: verdict.eventTime, currentToken, ...pendingDetails(sight) }, risk),
  ];
}

/** The secret, or its value, could not be read. */
function failureFindings({ failure, description }: Sight): readonly Finding[] {
  if (failure === undefined) {
    return [];
  }
  const { code, details, message } = failure;
  switch (code) {
    case 'SECRET_MISSING':
      return [finding(code, { ...details, message }, isNew(description) ? 'none' : undefined)];
    case 'SECRET_MALFORMED':
      return [finding(code, { ...details, message })];
    case 'STORE_UNAVAILABLE':
      return [notChecked(code, details)];
    default:
      return [finding('UNREADABLE', details)];
  }
}

/** Whether the secret was deployed, and nobody has put its first token yet. */
function isNew(description: SecretDescription | undefined): boolean {
  return (
    description !== undefined &&
    description.lastRotatedDate === undefined &&
    currentVersionId(description) === undefined
  );
}

function tokenFindings(sight: Sight, { now, verdict }: Standard): readonly Finding[] {
  const { description, current, standby } = sight;
  const scheduled = (count: RotationsAhead) =>
    description && nextRotationOf(description, now, count);
  const soon = soonestEnd(now);
  const judgements = judgeTokens(
    {
      current: isVerdict(current) ? current : undefined,
      standby: isVerdict(standby) ? standby : undefined,
      isAlternating: standby !== undefined,
    },
    (count) => scheduled(count) ?? scheduled(1) ?? soon,
  );
  const days = [scheduled(1), scheduled(2)];
  return [
    ...silenceFindings(current, standby),
    ...judgements.map((judgement) =>
      isCurrentDead(judgement)
        ? currentDead(judgement.details, sight, verdict)
        : findingOf(judgement, days),
    ),
  ];
}

/** Undefined where nobody rotates it, or a rotation is overdue: nobody knows when it comes. */
function nextRotationOf(
  description: SecretDescription,
  now: Date,
  count: RotationsAhead,
): string | undefined {
  const { rotationEnabled, nextRotationDate } = description;
  const isPast = nextRotationDate !== undefined && nextRotationDate <= now;
  return rotationEnabled && !isPast ? nextRotation(now, description, 'schedule', count) : undefined;
}

function isCurrentDead({ which, problem }: Judgement): boolean {
  return which === 'current' && problem === 'dead';
}

function findingOf(
  { which, problem, details }: Judgement,
  days: readonly (string | undefined)[],
): Finding {
  const { nextRotation: day, ...rest } = details;
  // The other day is none of a rotation.
  const told = typeof day === 'string' && days.includes(day) ? details : rest;
  return finding(OF_PROBLEM[which][problem], told);
}

/** Where another version, or the standby, has an active token, that is what helps. */
function currentDead(details: Details, sight: Sight, verdict: AwsVerdict | undefined): Finding {
  const { statedTokenId, previous, standby } = sight;
  return finding(details['reason'] === 'expired' ? 'EXPIRED' : 'REVOKED', {
    ...details,
    ...(statedTokenId !== undefined && { tokenId: statedTokenId }),
    ...pendingDetails(sight),
    ...(isActiveToken(standby) && { standbyToken: 'active' }),
    ...(previous && isActiveToken(previous.seen) && { salvageVersionId: previous.versionId }),
    ...(verdict?.eventName === 'RotationAbandoned' && { abandoned: true }),
  });
}

/** GitLab refused to say anything of a token, or did not answer. */
function silenceFindings(current: Seen | undefined, standby: Seen | undefined): readonly Finding[] {
  const silent = [
    silenceFinding('current', 'REFUSED', current),
    silenceFinding('standby', 'STANDBY_REFUSED', standby),
  ].filter((each) => each !== undefined);
  const [first] = silent.filter(({ code }) => code === 'NOT_CHECKED');
  // Once: one reason, as a rule, keeps both from being asked.
  return silent.filter((each) => each.code !== 'NOT_CHECKED' || each === first);
}

function silenceFinding(
  token: 'current' | 'standby',
  refused: FindingCode,
  seen: Seen | undefined,
): Finding | undefined {
  if (seen === undefined || isVerdict(seen)) {
    return undefined;
  }
  const { code, details } = seen;
  return code === 'ROTATION_REFUSED'
    ? finding(refused, details)
    : notChecked(String(details['reason'] ?? 'RATE_LIMITED'), { ...details, token });
}

/** What is wrong with the value although its tokens may be in order. */
function valueFindings({ current, statedTokenId, missing, difference }: Sight): readonly Finding[] {
  const tokenId =
    isVerdict(current) && current.kind === 'active' ? current.token.tokenId : undefined;
  const isAnother =
    tokenId !== undefined && statedTokenId !== undefined && tokenId !== statedTokenId;
  return [
    ...(isAnother
      ? [finding('TOKEN_ID_DIFFERS', { tokenId, expectedTokenId: statedTokenId })]
      : []),
    ...(missing ? [finding('STANDBY_MISSING', missing.details)] : []),
    ...(difference ? [finding('STANDBY_DIFFERS', difference)] : []),
  ];
}

import { type Details, isAfterCreate, type Risk } from '../failure.ts';
import type { DeathReason, Refusal } from '../ports/access-tokens.ts';
import { healingKeys, recoveryFailureKeys } from './healing-keys.ts';
import type { Runbook } from './runbook.ts';
import { type About, valuesOf } from './runbook-values.ts';

/** The sections of the runbook that apply, the most general first. */
export function keysOf(about: About, risk: Risk, runbook: Runbook): readonly string[] {
  return [
    riskKey(about, risk),
    isUnstoredStandby(about) ? 'SUCCESSOR_NOT_STORED' : about.code,
    ...(isAboutStandby(about) ? ['risk/standby'] : []),
    ...(about.details['standby'] === true ? ['standby'] : []),
    ...variantsOf(about, risk, runbook),
    ...(about.details['expectedUserId'] === undefined ? [] : ['expectedUserId']),
    ...(isMaintenance(about.details) ? ['gitlabSays/maintenance'] : []),
    ...progressOf(about, risk),
  ];
}

/** Who is affected in general. */
export function riskKey({ found }: Pick<About, 'found'>, risk: Risk): string {
  return found === true ? `risk of a finding/${risk}` : `risk/${risk}`;
}

/** Whether consumers have another token than the one that a failure is about. */
export function isAboutStandby({ code, details }: About): boolean {
  const { standby, currentActive, recoveredBy } = details;
  return (
    code.startsWith('STANDBY_') ||
    standby === true ||
    currentActive === true ||
    recoveredBy === 'standby' ||
    recoveredBy === 'given-back'
  );
}

/** A standby that is known by its id: all that is said of a successor in its place is true of it. */
function isUnstoredStandby(about: About): boolean {
  return about.code === 'STANDBY_LOST' && valuesOf(about)['TOKEN_ID'] !== undefined;
}

function isMaintenance({ gitlabSays }: Details): boolean {
  return gitlabSays === 'maintenance';
}

function variantsOf(about: About, risk: Risk, runbook: Runbook): readonly string[] {
  const { code, details, step } = about;
  switch (code) {
    case 'EVENT_INVALID':
      return isAfterCreate(step) ? ['EVENT_INVALID/later step'] : [];
    case 'SECRET_MALFORMED':
      return malformedKeys(details);
    case 'STORE_DENIED':
      return storeDeniedKeys(details);
    case 'NOT_PROMOTED':
      return notPromotedKeys(details);
    case 'GITLAB_UNREACHABLE':
      return unreachableKeys(details);
    case 'CURRENT_TOKEN_DEAD':
      return [...currentTokenDeadKeys(about), ...healingKeys(about, runbook)];
    case 'STANDBY_DEAD':
      return [...standbyDeadKeys(details), ...healingKeys(about, runbook)];
    case 'STANDBY_LOST':
      return [
        ...(isUnstoredStandby(about) ? ['STANDBY_LOST/tokenId', storeLater(details)] : []),
        ...healingKeys(about, runbook),
      ];
    case 'SUCCESSOR_LOST':
      return healingKeys(about, runbook);
    case 'SUCCESSOR_NOT_STORED':
      return [storeLater(details)];
    case 'SCOPE_MISSING':
      return details['standby'] === true ? ['SCOPE_MISSING/standby'] : [];
    case 'ROTATION_REFUSED':
      return rotationRefusedKeys(about, runbook);
    case 'PENDING_TOKEN_REJECTED':
      return pendingTokenRejectedKeys(details);
    case 'HEALED':
      return healedKeys(about);
    default:
      return findingKeys(about, risk, runbook);
  }
}

/** The sections on what the watch found. */
function findingKeys(about: About, risk: Risk, runbook: Runbook): readonly string[] {
  const { code, found, details } = about;
  switch (code) {
    case 'SECRET_MISSING':
      return found === true && risk === 'none' ? ['SECRET_MISSING/no value yet'] : [];
    case 'REVOKED':
    case 'EXPIRED':
      return [deathIn(details), ...otherTokenKeys(details)];
    case 'ROTATION_STUCK':
      return pendingKeys(details);
    case 'ROTATION_FAILED':
    case 'ROTATION_ABANDONED':
      return unfinishedKeys(details);
    case 'REFUSED':
    case 'STANDBY_REFUSED':
      return [refusalKey(details, runbook)];
    case 'STANDBY_MISSING':
      return malformedKeys(details);
    case 'UNREADABLE':
      return storeDeniedKeys(details);
    case 'RECOVERY_UNUSABLE':
    case 'RECOVERY_EXPIRES_SOON':
      return recoveryFailureKeys(details, runbook);
    default:
      return [];
  }
}

/** Where another token than the current one is active. */
function otherTokenKeys(details: Details): readonly string[] {
  const { reason, pendingToken, standbyToken, salvageVersionId, abandoned } = details;
  return [
    // An earlier rotation may have been abandoned, too: versions without a label are not looked at.
    ...(reason === 'revoked' || abandoned === true ? ['REVOKED/perhaps in the secret'] : []),
    ...(standbyToken === 'active' ? ['REVOKED/standby active'] : []),
    ...(salvageVersionId === undefined ? [] : ['REVOKED/AWSPREVIOUS active']),
    ...(pendingToken === 'active' ? pendingKeys(details) : []),
  ];
}

const PENDING: ReadonlySet<unknown> = new Set(['active', 'dead', 'empty']);

/** By what is in the version that a rotation has left. */
function pendingKeys({ pendingToken }: Details): readonly string[] {
  if (pendingToken === undefined) {
    return [];
  }
  return [`ROTATION_STUCK/pending ${PENDING.has(pendingToken) ? pendingToken : 'not checked'}`];
}

/** Secrets Manager may try again, unless the watch also finds that the rotation is stuck. */
function unfinishedKeys(details: Details): readonly string[] {
  const { pendingToken } = details;
  return pendingToken === undefined || pendingToken === 'active'
    ? pendingKeys(details)
    : ['ROTATION_STUCK/perhaps not yet'];
}

function malformedKeys({ missing, duplicate, form }: Details): readonly string[] {
  if (duplicate === 'standby') {
    return ['SECRET_MALFORMED/duplicate'];
  }
  if (missing !== 'standby') {
    return [];
  }
  return [
    form === 'plain-text' ? 'SECRET_MALFORMED/missing, plain text' : 'SECRET_MALFORMED/missing',
  ];
}

function storeDeniedKeys({ reason, error }: Details): readonly string[] {
  if (reason !== 'request-refused') {
    return [];
  }
  const isOfKms = typeof error === 'string' && error.startsWith('KMS');
  return [
    'STORE_DENIED/request-refused',
    ...(isOfKms ? ['STORE_DENIED/request-refused, KMS'] : []),
  ];
}

function notPromotedKeys({ replacedByHand, reason }: Details): readonly string[] {
  if (replacedByHand === true) {
    return ['NOT_PROMOTED/replacedByHand'];
  }
  return reason === 'request-refused' ? ['NOT_PROMOTED/request-refused'] : [];
}

function unreachableKeys(details: Details): readonly string[] {
  const { reason, status } = details;
  if (isMaintenance(details)) {
    return ['GITLAB_UNREACHABLE/maintenance'];
  }
  if (reason === 'NOT_GITLAB') {
    return ['GITLAB_UNREACHABLE/NOT_GITLAB'];
  }
  if (typeof status !== 'number') {
    return ['GITLAB_UNREACHABLE/no status'];
  }
  return [
    'GITLAB_UNREACHABLE/any status',
    ...(status < 500 ? ['GITLAB_UNREACHABLE/status below 500'] : []),
  ];
}

function currentTokenDeadKeys(about: About): readonly string[] {
  const { reuseDetected, standbyReason } = about.details;
  const isReuse = reuseDetected === true;
  if (valuesOf(about)['PREVIOUS_VERSION_ID'] !== undefined) {
    return [...(isReuse ? ['reuseDetected'] : []), 'CURRENT_TOKEN_DEAD/previousVersionId'];
  }
  return [
    ...(isReuse ? ['reuseDetected', 'CURRENT_TOKEN_DEAD/reuseDetected'] : [deathIn(about.details)]),
    ...(isDeath(standbyReason) ? ['CURRENT_TOKEN_DEAD/standbyReason'] : []),
  ];
}

function standbyDeadKeys(details: Details): readonly string[] {
  return [details['reuseDetected'] === true ? 'reuseDetected' : deathIn(details)];
}

function storeLater({ takenByDead }: Details): string {
  return takenByDead === true
    ? 'SUCCESSOR_NOT_STORED/takenByDead'
    : 'SUCCESSOR_NOT_STORED/next attempt';
}

const DEATHS: ReadonlySet<unknown> = new Set<DeathReason>([
  'expired',
  'revoked',
  'unusable',
  'unknown',
]);

function isDeath(reason: unknown): boolean {
  return DEATHS.has(reason);
}

function deathIn({ reason }: Details): string {
  return `reason/${isDeath(reason) ? reason : 'unknown'}`;
}

/** The refusals that only another token helps against. */
const REPLACED: ReadonlySet<unknown> = new Set<Refusal>([
  'legacy-token',
  'not-an-access-token',
  'permission-missing',
  'scope-missing',
]);

function rotationRefusedKeys({ step, details }: About, runbook: Runbook): readonly string[] {
  const { refusal, standby } = details;
  return [
    ...(isAfterCreate(step) ? ['ROTATION_REFUSED/later step'] : []),
    ...(standby === true ? ['ROTATION_REFUSED/standby'] : []),
    ...(REPLACED.has(refusal) ? ['ROTATION_REFUSED/another token'] : []),
    refusalKey(details, runbook),
  ];
}

function refusalKey({ refusal }: Details, runbook: Runbook): string {
  const key = `refusal/${refusal}`;
  return runbook.section(key) !== undefined ? key : 'refusal/other';
}

function pendingTokenRejectedKeys(details: Details): readonly string[] {
  const { dryRun, expectedTokenId, reason, currentActive } = details;
  if (expectedTokenId !== undefined) {
    const where = dryRun === true ? 'in the dry run' : 'in a rotation';
    return ['another token', `another token, ${where}`].map(rejection);
  }
  if (reason === 'expires-too-soon') {
    return ['reason/expires-too-soon', rejection('expires-too-soon')];
  }
  const tokens = currentActive === undefined ? 'one token' : 'two tokens';
  const where = dryRun === true ? 'in the dry run' : tokens;
  return [rejection(`not active, ${where}`), rejection('not active'), deathIn(details)];
}

function rejection(variant: string): string {
  return `PENDING_TOKEN_REJECTED/${variant}`;
}

function healedKeys(about: About): readonly string[] {
  const { details } = about;
  switch (details['recoveredBy']) {
    case 'standby':
      return ['HEALED/recoveredBy standby', deathIn(details)];
    case 'salvage':
      return ['HEALED/recoveredBy salvage'];
    case 'given-back':
      return ['reuseDetected', 'HEALED/recoveredBy given-back'];
    default:
      return [
        'HEALED/recoveredBy recovery',
        ...(valuesOf(about)['RECOVERY_EXPIRES_AT'] === undefined
          ? []
          : ['HEALED/recoveredBy recovery, expires']),
      ];
  }
}

// The section of each says itself what follows.
const OWN_OUTLOOK: ReadonlySet<string> = new Set([
  'CURRENT_TOKEN_DEAD',
  'PENDING_TOKEN_REJECTED',
  'VERSION_NOT_STAGED',
]);

/** How far the rotation was. Until createSecret is through, there is nothing to say. */
function progressOf(about: About, risk: Risk): readonly string[] {
  const { code, step, details } = about;
  const { dryRun, replacedByHand, currentActive, currentVersionId } = details;
  if (dryRun === true) {
    return ['Dry run'];
  }
  const isStored = code === 'NOT_PROMOTED' || isAfterCreate(step);
  if (!isStored || OWN_OUTLOOK.has(code) || replacedByHand === true) {
    return [];
  }
  if (currentActive !== undefined) {
    const isActive = currentActive === true;
    return [
      'Standby rotated',
      `Standby rotated/${outlookOf(about)}`,
      isActive ? 'Standby rotated/currentActive' : 'Standby rotated/currentActive, unknown',
    ];
  }
  if (risk !== 'consumers') {
    return [];
  }
  return [
    'Rotated',
    `Rotated/${outlookOf(about)}`,
    ...(currentVersionId === undefined ? ['Rotated/perhaps a standby'] : []),
    ...(currentVersionId === undefined && step === 'testSecret'
      ? ['Rotated/perhaps the dry run']
      : []),
  ];
}

/** Whether the stored token becomes current by itself, and may be made current without a further look. */
function outlookOf({ code, details }: About): string {
  if (code === 'ROTATION_NOT_ENABLED') {
    return 'rotation is off';
  }
  return details['refusal'] === 'not-active' ? 'new token in doubt' : 'tries again';
}

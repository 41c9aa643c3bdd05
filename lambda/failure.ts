/** Who is affected: what a reader of an alert must know first. */
export type Risk = 'none' | 'consumers' | 'unknown';

/** Every way a rotation can fail, and what it puts at risk when createSecret fails so. */
export const RISKS = {
  CONFIG_INVALID: 'none',
  EVENT_INVALID: 'none',
  ROTATION_NOT_ENABLED: 'none',
  VERSION_NOT_STAGED: 'none',
  SECRET_MISSING: 'none',
  SECRET_MALFORMED: 'none',
  STORE_UNAVAILABLE: 'none',
  STORE_DENIED: 'none',
  GITLAB_UNREACHABLE: 'none',
  GITLAB_RATE_LIMITED: 'none',
  CURRENT_TOKEN_DEAD: 'consumers',
  SCOPE_MISSING: 'none',
  ROTATION_REFUSED: 'none',
  NOT_ENOUGH_TIME: 'none',
  ROTATION_OUTCOME_UNKNOWN: 'unknown',
  SUCCESSOR_LOST: 'consumers',
  SUCCESSOR_NOT_STORED: 'consumers',
  STANDBY_DEAD: 'none',
  STANDBY_LOST: 'none',
  PENDING_TOKEN_REJECTED: 'consumers',
  NOT_PROMOTED: 'consumers',
  UNEXPECTED: 'unknown',
} as const satisfies Record<string, Risk>;

/** The public interface of alerts, log lines and the runbook. */
export type FailureCode = keyof typeof RISKS;

/** Published like a failure, but the rotation goes on. */
export const NOTICES = ['HEALED', 'EXPIRES_TOO_SOON'] as const;
export type NoticeCode = (typeof NOTICES)[number];

/** Everything that the watch can find, the worst first where the risk is the same, and who is affected. */
export const FINDINGS = {
  ROTATION_FAILED: 'unknown',
  ROTATION_ABANDONED: 'unknown',
  DRY_RUN_FAILED: 'none',
  SECRET_MISSING: 'consumers',
  REVOKED: 'consumers',
  EXPIRED: 'consumers',
  SECRET_MALFORMED: 'unknown',
  REFUSED: 'unknown',
  UNREADABLE: 'unknown',
  NOT_CHECKED: 'unknown',
  EXPIRES_SOON: 'none',
  SCOPE_MISSING: 'none',
  ROTATION_STUCK: 'none',
  ROTATION_DISABLED: 'none',
  ROTATION_BY_ANOTHER: 'none',
  ROTATION_OVERDUE: 'none',
  STANDBY_DEAD: 'none',
  STANDBY_REFUSED: 'none',
  STANDBY_EXPIRES_SOON: 'none',
  STANDBY_SCOPE_MISSING: 'none',
  STANDBY_DIFFERS: 'none',
  STANDBY_MISSING: 'none',
  TOKEN_ID_DIFFERS: 'none',
  RECOVERY_UNUSABLE: 'none',
  RECOVERY_EXPIRES_SOON: 'none',
} as const satisfies Record<string, Risk>;
export type FindingCode = keyof typeof FINDINGS;

/** What the watch tells of several secrets, or of all. */
export const DIGESTS = ['SEVERAL_SECRETS', 'WELL'] as const;
/** Whatever the watch tells. */
export type WatchCode = FindingCode | (typeof DIGESTS)[number];

/** Ids, numbers and words of our own. Everything here may be disclosed to anybody. */
export type Details = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface RotationErrorOptions extends ErrorOptions {
  readonly details?: Details;
  /** The risk where nothing was rotated. @default - what `RISKS` says */
  readonly risk?: Risk | undefined;
}

/**
 * A failure that ends a step. Its message begins with the code, since that
 * message is all that Lambda and CloudWatch show. Nothing in it is secret.
 */
export class RotationError extends Error {
  // A literal: a bundler may rename the class.
  override readonly name = 'RotationError';
  readonly code: FailureCode;
  readonly details: Details;
  readonly statedRisk?: Risk;
  readonly #reason: string;

  /** @param reason - lower case, no full stop, no content of a secret, no foreign message */
  constructor(code: FailureCode, reason: string, options: RotationErrorOptions = {}) {
    // `cause` goes to Error, which keeps it out of what Lambda logs of this object.
    super(`${code}: ${reason}`, options);
    this.#reason = reason;
    this.code = code;
    this.details = options.details ?? {};
    if (options.risk !== undefined) {
      this.statedRisk = options.risk;
    }
  }

  /** The same failure with more details. */
  withDetails(details: Details): RotationError {
    return renewed(this, this.#reason, details);
  }
}

/** Outside of its class: of one that names itself the bundler changes the name, which Lambda logs. */
function renewed(error: RotationError, reason: string, details: Details): RotationError {
  return new RotationError(error.code, reason, {
    cause: error.cause,
    details: { ...error.details, ...details },
    risk: error.statedRisk,
  });
}

/** Whether an error is the failure with this code. */
export function isFailure(error: unknown, code: FailureCode): error is RotationError {
  return error instanceof RotationError && error.code === code;
}

/** AWS's names for the four invocations of a rotation, in their order. */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type Step = (typeof STEPS)[number];

/**
 * Who is affected by a failure in this step. Once createSecret has succeeded,
 * `AWSCURRENT` holds a revoked token until finishSecret moves it, so every failure
 * until then affects consumers. Not in a dry run (`--no-rotate-immediately`), which
 * is testSecret alone on a copy of the current value: `details.dryRun`. And not
 * where a probe has shown the token in `AWSCURRENT` active all the same, as with alternating
 * tokens: `details.currentActive`.
 */
export function riskAt(step: Step | undefined, failure: RotationError): Risk {
  const { code, details, statedRisk } = failure;
  const { currentActive } = details;
  if (currentActive !== undefined) {
    return currentActive === true ? 'none' : 'unknown';
  }
  const rotated = isAfterCreate(step) && details['dryRun'] !== true;
  if (step === 'testSecret' && code === 'CONFIG_INVALID') {
    // Most likely the dry run, or a deployment in the middle of a rotation: createSecret
    // does not succeed with this configuration.
    return 'unknown';
  }
  if (rotated && code === 'EVENT_INVALID') {
    // Most likely somebody's own event: those of one rotation are alike, and createSecret's was read.
    return 'unknown';
  }
  return rotated ? 'consumers' : (statedRisk ?? RISKS[code]);
}

/** Whether createSecret has succeeded, where this is a rotation. */
export function isAfterCreate(step: Step | undefined): boolean {
  return step !== undefined && step !== 'createSecret';
}

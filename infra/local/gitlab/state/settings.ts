/** Maintenance mode, as an administrator switches it on. */
export interface Maintenance {
  /** The banner. @default - GitLab's own sentence */
  readonly message?: string;
  /** What `Retry-After` says; GitLab does not publish its number. */
  readonly retryAfterSeconds: number;
}

/**
 * What an administrator can set, and what version is running. The fields may be
 * changed at any time; the next request sees it.
 */
export interface GitLabSettings {
  /** Answers as this version does: `major.minor`. */
  version: string;
  /** The instance setting `require_personal_access_token_expiry`. */
  requireExpiry: boolean;
  /** The farthest date in days from today; 400 with the flag `buffered_token_expiration_limit`. */
  maxDays: 365 | 400;
  /** The lifetime that an administrator of the EE allows, in days, beside `maxDays`. */
  secondMaxDays: number | undefined;
  /** "Today" for the two bounds and for the default date is a day of this IANA zone. */
  timeZone: string;
  /** A Geo secondary: nothing may be written. */
  readOnly: boolean;
  /** Maintenance mode: nothing may be written. */
  maintenance: Maintenance | undefined;
  /** While set, every request is refused with 429 and this in `Retry-After`. */
  retryAfterSeconds: number | undefined;
  /** Personal access tokens switched off (EE, FIPS): every token is unknown. */
  tokensDisabled: boolean;
  /** Impersonation tokens are of no use. */
  impersonationDisabled: boolean;
  /** Users are locked out for coming from too many IP addresses. */
  tooManyIps: boolean;
  /**
   * The feature flag of granular tokens is off, or on for some users only (19.x): they are told
   * to be inactive, and work.
   */
  granularFlagOff: boolean;
  /** Granular tokens are enforced (19.x): people cannot rotate others. */
  legacyRotationDisabled: boolean;
  /** The database refuses to revoke. */
  revokingFails: boolean;
  /** What a new token begins with. */
  tokenPrefix: string;
  /** `words`, for tests to read: `token-<id>` for a new token, then `successor-1`, `successor-2`. */
  tokenValues: 'routable' | 'words';
}

/** A GitLab as it comes: the 18.x line, on which most of the answers were seen. */
export const DEFAULT_SETTINGS: Readonly<GitLabSettings> = {
  version: '18.6',
  requireExpiry: true,
  maxDays: 365,
  secondMaxDays: undefined,
  timeZone: 'UTC',
  readOnly: false,
  maintenance: undefined,
  retryAfterSeconds: undefined,
  tokensDisabled: false,
  impersonationDisabled: false,
  tooManyIps: false,
  granularFlagOff: false,
  legacyRotationDisabled: false,
  revokingFails: false,
  tokenPrefix: 'glpat-',
  tokenValues: 'routable',
};

/** Whether the version that is running is this one, or a later one. */
export function isSince(settings: GitLabSettings, version: string): boolean {
  const [major = 0, minor = 0] = settings.version.split('.').map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = version.split('.').map(Number);
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}

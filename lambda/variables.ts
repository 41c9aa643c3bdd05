import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseNoProxy as parseExemptions } from './gitlab/no-proxy.ts';
import { isNumberOrPath } from './secret/secret-value.ts';

/** What is wrong with a value and what is allowed; follows the name of the variable. */
export interface Problem {
  readonly problem: string;
}

/** Reads the value of one environment variable: trimmed, not empty. */
export type Variable<T extends string | number | boolean> = (text: string) => T | Problem;

/** GitLab takes 400 days at most; with one day a token could die in the hour of its birth. */
const LIFETIME_DAYS = { least: 2, most: 400 } as const;

/** Members of a secret that mean something else. */
const RESERVED_FIELDS: readonly string[] = [
  'tokenId',
  'gitlabUrl',
  'projectId',
  'groupId',
  'standby',
];

const TOPIC_ARN = /^arn:aws(?:-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;
/** A name made into an ARN by hand lacks the six characters, and policies with the whole ARN refuse it. */
const SECRET_ARN =
  /^arn:aws(?:-[a-z]+)*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,512}-[A-Za-z0-9]{6}$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** `GITLAB_URL`: where GitLab is, perhaps below a path. @returns it without a trailing slash */
export function parseGitLabUrl(text: string): string | Problem {
  if (!URL.canParse(text)) {
    return wrong('is no URL: it must be like https://gitlab.example.com');
  }
  const { protocol, username, password, origin, hostname, pathname, search, hash } = new URL(text);
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname))) {
    return wrong('must begin with https:// (http:// is allowed for loopback only)');
  }
  if (`${username}${password}${search}${hash}` !== '') {
    return wrong('must hold neither credentials nor a query nor a fragment');
  }
  const path = pathname.replace(/\/+$/, '');
  if (/\/api(?:\/v\d+)?$/.test(path)) {
    return wrong('is the URL of the API: it must be that of GitLab itself, without /api/v4');
  }
  return `${origin}${path}`;
}

/** `FAILURE_TOPIC_ARN`. */
export function parseTopicArn(text: string): string | Problem {
  if (text.endsWith('.fifo')) {
    return wrong('is a FIFO topic: it must be a standard one');
  }
  return TOPIC_ARN.test(text)
    ? text
    : wrong('is not the ARN of an SNS topic, like arn:aws:sns:eu-central-1:123456789012:failures');
}

/** `RECOVERY_SECRET_ARN`. */
export function parseRecoverySecretArn(text: string): string | Problem {
  return SECRET_ARN.test(text)
    ? text
    : wrong(
        'is not the full ARN of a secret, with six characters at its end, like arn:aws:secretsmanager:eu-central-1:123456789012:secret:recovery-AbCdEf',
      );
}

/** `TOKEN_LIFETIME_DAYS`. */
export function parseLifetimeDays(text: string): number | Problem {
  const { least, most } = LIFETIME_DAYS;
  const allowed = `must be a whole number of days from ${least} to ${most}`;
  if (!/^-?\d{1,9}$/.test(text)) {
    return wrong(allowed);
  }
  const days = Number(text);
  return days >= least && days <= most ? days : wrong(`${allowed}, got ${days}`);
}

/** `TOKEN_FIELD`: it is told in failures, so it may hold nothing that breaks a line or a quote. */
export function parseTokenField(text: string): string | Problem {
  if (RESERVED_FIELDS.includes(text)) {
    return wrong(`must be none of ${RESERVED_FIELDS.join(', ')}: they mean something else`);
  }
  return /^[^\p{C}"\\]{1,64}$/u.test(text)
    ? text
    : wrong('must be 1 to 64 characters, without quotes, backslashes and control characters');
}

/** `GITLAB_PROJECT_ID`. */
export function parseProjectId(text: string): string | Problem {
  return /^[1-9]\d*$/.test(text) || (text.includes('/') && isNumberOrPath(text))
    ? text
    : wrong('must be the number of a project or its full path, like group/app, not URL-encoded');
}

/** `ALTERNATING_TOKENS`. */
export function parseAlternatingTokens(text: string): boolean | Problem {
  return text === 'true' || text === 'false' ? text === 'true' : wrong('must be true or false');
}

/** `GITLAB_CA_FILE`: a path. @returns the certificates of the file */
export function parseCaFile(path: string): string | Problem {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch {
    return wrong('names a file that cannot be read');
  }
  const certificates = pem.match(CERTIFICATE) ?? [];
  return certificates.length > 0 && certificates.every(isCertificate)
    ? certificates.join('\n')
    : wrong('names a file without readable certificates: it must hold at least one, as PEM');
}

/** `HTTPS_PROXY`. */
export function parseProxyUrl(text: string): string | Problem {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return wrong('must be an http or https URL, like http://proxy.example.com:3128');
  }
  return isDecodable(`${url.username}${url.password}`)
    ? text
    : wrong('holds credentials that are not URL-encoded: a percent sign is %25');
}

/** `NO_PROXY`: what no entry can be is refused, for it would have no effect. */
export function parseNoProxy(text: string): string | Problem {
  return parseExemptions(text).every((entry) => entry !== undefined)
    ? text
    : wrong(
        'holds an entry that would have no effect: allowed are host names, domains like .example.com or *.example.com, single IP addresses, each perhaps with a :port, and *, with commas or blanks between them; no ranges like 10.0.0.0/8, no https://, no semicolons',
      );
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function wrong(problem: string): Problem {
  return { problem };
}

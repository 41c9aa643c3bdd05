import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseExemptions } from '../gitlab/no-proxy.ts';
import { SECRET_ARN } from '../ports/secret-ids.ts';
import { isNumberOrPath } from '../secret/token-owner.ts';

/** What is wrong with a value and what is allowed. The name of the variable precedes it. */
export interface Problem {
  readonly problem: string;
}

/** Reads the value of one environment variable: trimmed, not empty. */
export type Variable<T> = (text: string) => T | Problem;

/** GitLab allows 400 days at most. With one day a token could expire in the hour of its creation. */
const LIFETIME_DAYS = { least: 2, most: 400 } as const;

/** Members of a secret that have another meaning. */
const RESERVED_FIELDS: readonly string[] = [
  'tokenId',
  'gitlabUrl',
  'projectId',
  'groupId',
  'standby',
];

const TOPIC_ARN = /^arn:aws(?:-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;
const FUNCTION_ARN = /^arn:aws(?:-[a-z]+)*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** `GITLAB_URL`, which may have a path. @returns it without a trailing slash */
export function parseGitLabUrl(text: string): string | Problem {
  if (!URL.canParse(text)) {
    return problem('is not a URL: use one like https://gitlab.example.com');
  }
  const { protocol, username, password, origin, hostname, pathname, search, hash } = new URL(text);
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname))) {
    return problem('must begin with https:// (http:// is allowed for loopback only)');
  }
  // URL lets through what no name server knows, such as a comma.
  if (!/^[\w.-]+$|^\[/.test(hostname)) {
    return problem('has a host name that cannot exist: use a URL like https://gitlab.example.com');
  }
  if (`${username}${password}${search}${hash}` !== '') {
    return problem('must not contain credentials, a query or a fragment');
  }
  const path = pathname.replace(/\/+$/, '');
  if (/\/api(?:\/v\d+)?$/.test(path)) {
    return problem('is the URL of the API: use the URL of GitLab itself, without /api/v4');
  }
  return `${origin}${path}`;
}

/** `FAILURE_TOPIC_ARN`. */
export function parseTopicArn(text: string): string | Problem {
  if (text.endsWith('.fifo')) {
    return problem('is a FIFO topic: use a standard topic');
  }
  return TOPIC_ARN.test(text)
    ? text
    : problem(
        'is not the ARN of an SNS topic, like arn:aws:sns:eu-central-1:123456789012:failures',
      );
}

/** `ROTATION_FUNCTION_ARN`. DescribeSecret may show it with a version or an alias. */
export function parseFunctionArn(text: string): string | Problem {
  return FUNCTION_ARN.test(text)
    ? text
    : problem(
        'is not the ARN of a function without a version, like arn:aws:lambda:eu-central-1:123456789012:function:rotation',
      );
}

/** `RECOVERY_SECRET_ARN`. Without the six characters at its end, a policy for the full ARN denies access. */
export function parseRecoverySecretArn(text: string): string | Problem {
  return SECRET_ARN.test(text)
    ? text
    : problem(
        'is not the full ARN of a secret, which ends with a hyphen and six characters, like arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/gitlab-AbCdEf',
      );
}

/** `TOKEN_LIFETIME_DAYS`. */
export function parseLifetimeDays(text: string): number | Problem {
  const { least, most } = LIFETIME_DAYS;
  const allowed = `must be a whole number of days from ${least} to ${most}`;
  if (!/^-?\d{1,9}$/.test(text)) {
    return problem(allowed);
  }
  const days = Number(text);
  return days >= least && days <= most ? days : problem(`${allowed}, got ${days}`);
}

/** `TOKEN_FIELD`. Alerts quote it, so it must not break a line or a quotation. */
export function parseTokenField(text: string): string | Problem {
  if (RESERVED_FIELDS.includes(text)) {
    return problem(
      `must not be one of ${RESERVED_FIELDS.join(', ')}: these fields have another meaning`,
    );
  }
  return /^[^\p{C}"\\]{1,64}$/u.test(text)
    ? text
    : problem('must be 1 to 64 characters, without quotes, backslashes and control characters');
}

/** `GITLAB_PROJECT_ID`. */
export function parseProjectId(text: string): string | Problem {
  return /^[1-9]\d*$/.test(text) || (text.includes('/') && isNumberOrPath(text))
    ? text
    : problem('must be the number of a project or its full path, like group/app, not URL-encoded');
}

/** `ALTERNATING_TOKENS`. */
export function parseAlternatingTokens(text: string): boolean | Problem {
  return text === 'true' || text === 'false' ? text === 'true' : problem('must be true or false');
}

/** `GITLAB_CA_FILE`: a path. @returns the certificates of the file */
export function parseCaFile(path: string): string | Problem {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch {
    return problem('names a file that does not exist or cannot be read');
  }
  const certificates = pem.match(CERTIFICATE) ?? [];
  return certificates.length > 0 && certificates.every(isCertificate)
    ? certificates.join('\n')
    : problem(
        'names a file with no certificate or an invalid one: use a file of valid certificates in PEM',
      );
}

/** `HTTPS_PROXY`. */
export function parseProxyUrl(text: string): string | Problem {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return problem('must be an http or https URL, like http://proxy.example.com:3128');
  }
  return isDecodable(`${url.username}${url.password}`)
    ? text
    : problem('contains credentials that are not URL-encoded: write a percent sign as %25');
}

/** `NO_PROXY`. */
export function parseNoProxy(text: string): string | Problem {
  return parseExemptions(text).every((entry) => entry !== undefined)
    ? text
    : problem(
        'contains an entry that has no effect: use host names, domains like .example.com or *.example.com, single IP addresses, each with an optional :port, or *, separated by commas or blanks, but no ranges like 10.0.0.0/8, URLs or semicolons',
      );
}

/** Whether a value was refused. */
export function isProblem(read: unknown): read is Problem {
  return Object.hasOwn(Object(read), 'problem');
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

function problem(text: string): Problem {
  return { problem: text };
}

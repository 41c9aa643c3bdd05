import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Duration, Token } from 'aws-cdk-lib';
import { isNoProxyEntry } from './no-proxy.ts';

/** Rotation may be late, and somebody must have time to act when it fails. */
const LIFETIME_MARGIN_DAYS = 7;

/** As the function checks them: GitLab's dates have no time, so one day is less than a day. */
const LIFETIME_DAYS = { shortest: 2, longest: 400 } as const;

/** What Secrets Manager allows, and what tokens live long enough for. */
const INTERVAL_HOURS = {
  shortest: 4,
  longest: 24 * (LIFETIME_DAYS.longest - LIFETIME_MARGIN_DAYS),
} as const;

/** The other members of a secret. */
const RESERVED_FIELDS: readonly string[] = [
  'tokenId',
  'gitlabUrl',
  'projectId',
  'groupId',
  'standby',
];

/** As the function checks them, which starts with nothing else in its environment. */
const TOKEN_FIELD = /^[^\p{C}"\\]{1,64}$/u;
/** No segment is dots alone: it would leave the path of the endpoint. */
const PROJECT_ID = /^(?:[1-9]\d*|(?!\.{1,2}\/)[\w.][\w.-]*(?:\/(?!\.{1,2}(?:\/|$))[\w.][\w.-]*)+)$/;

/** Minutes 0, year `*`, and either the day of the month or the day of the week is `?`. */
const CRON = /^cron\(0 \S+ (?:\? \S+ [^\s?]+|[^\s?]+ \S+ \?) \*\)$/;

/** @throws {Error} unless `gitlabUrl` is an https URL that can be the base of API paths */
export function checkGitlabUrl(gitlabUrl: string): void {
  if (Token.isUnresolved(gitlabUrl)) {
    return;
  }
  refuseCredentials('gitlabUrl', gitlabUrl);
  // http is for loopback only, and inside the function there is no GitLab.
  if (!hasProtocol(gitlabUrl, ['https:'])) {
    throw new Error(`gitlabUrl must be an https URL, got ${quote(gitlabUrl)}`);
  }
  if (/[?#]/.test(gitlabUrl)) {
    throw new Error(`gitlabUrl must have neither query nor fragment, got ${quote(gitlabUrl)}`);
  }
  if (/\/api(\/v\d+)?\/*$/.test(gitlabUrl)) {
    throw new Error(`gitlabUrl must be the URL of GitLab, not of its API, got ${quote(gitlabUrl)}`);
  }
}

/** @throws {Error} unless Secrets Manager can rotate at this interval, and tokens live for as many as they need */
export function checkInterval(interval: Duration, alternatingTokens: boolean): void {
  const hours = interval.toHours();
  const { shortest } = INTERVAL_HOURS;
  const longest = INTERVAL_HOURS.longest / intervalsOfLife(alternatingTokens);
  if (hours < shortest || hours > longest) {
    throw new Error(
      `interval must be ${shortest} hours to ${longest / 24} days${withAlternating(alternatingTokens)}, got ${interval.toHumanString()}`,
    );
  }
}

/** @throws {Error} unless it is a cron expression as Secrets Manager reads them, with its longest gap told */
export function checkScheduleExpression(expression: string, interval: Duration | undefined): void {
  if (!Token.isUnresolved(expression) && !CRON.test(expression)) {
    throw new Error(
      `scheduleExpression must be like "cron(0 4 ? * SUN *)", in UTC, with minutes 0 and year *, got ${quote(expression)}`,
    );
  }
  if (interval === undefined) {
    throw new Error(
      'scheduleExpression needs interval too: the longest time between two of its dates',
    );
  }
}

/** @throws {Error} unless a token lives from one rotation to the next, or to the one after with alternating tokens, and a margin more */
export function checkTokenLifetime(
  lifetime: Duration,
  interval: Duration,
  alternatingTokens: boolean,
): void {
  const days = lifetime.toDays();
  if (days < LIFETIME_DAYS.shortest || days > LIFETIME_DAYS.longest) {
    throw new Error(
      `tokenLifetime must be ${LIFETIME_DAYS.shortest} to ${LIFETIME_DAYS.longest} days, got ${days}`,
    );
  }
  const needed = interval.toDays({ integral: false }) * intervalsOfLife(alternatingTokens);
  const least = Math.ceil(needed) + LIFETIME_MARGIN_DAYS;
  if (days < least) {
    throw new Error(
      `tokenLifetime must be at least ${least} days${withAlternating(alternatingTokens)}, got ${days}`,
    );
  }
}

/** An alternating token is current for one interval, and stands by for another. */
function intervalsOfLife(alternatingTokens: boolean): number {
  return alternatingTokens ? 2 : 1;
}

function withAlternating(alternatingTokens: boolean): string {
  return alternatingTokens ? ' with two tokens' : '';
}

/** @throws {Error} unless `projectId` is a number or a path with its group, as GitLab allows them */
export function checkProjectId(projectId: string): void {
  if (!Token.isUnresolved(projectId) && !PROJECT_ID.test(projectId)) {
    throw new Error(
      `projectId must be a number or a full path like "group/project", not URL-encoded, got ${quote(projectId)}`,
    );
  }
}

/** @throws {Error} unless `tokenField` can name the token, and means nothing else */
export function checkTokenField(tokenField: string): void {
  if (RESERVED_FIELDS.includes(tokenField)) {
    throw new Error(`tokenField must be none of ${RESERVED_FIELDS.join(', ')}, got ${tokenField}`);
  }
  if (!Token.isUnresolved(tokenField) && !TOKEN_FIELD.test(tokenField)) {
    throw new Error(
      `tokenField must be 1 to 64 characters, without quotes, backslashes and control characters, got ${quote(tokenField)}`,
    );
  }
}

/** @throws {Error} unless `httpsProxy` is a URL without credentials, which the template would show */
export function checkHttpsProxy(httpsProxy: string): void {
  if (Token.isUnresolved(httpsProxy)) {
    return;
  }
  refuseCredentials('httpsProxy', httpsProxy);
  if (!hasProtocol(httpsProxy, ['http:', 'https:'])) {
    throw new Error(`httpsProxy must be an http or https URL, got ${quote(httpsProxy)}`);
  }
}

/** @throws {Error} unless every entry of `noProxy` is one that has an effect in the function */
export function checkNoProxy(noProxy: string): void {
  if (Token.isUnresolved(noProxy)) {
    return;
  }
  refuseCredentials('noProxy', noProxy);
  const wrong = noProxy.split(/[\s,]+/).find((entry) => entry !== '' && !isNoProxyEntry(entry));
  if (wrong !== undefined) {
    throw new Error(
      `noProxy must hold host names, domains like .example.com or *.example.com, single IP addresses, each perhaps with a :port, or *, with commas or blanks between them, got ${quote(wrong)}`,
    );
  }
}

/** @throws {Error} unless it is the ARN of a key: a policy on an alias allows nothing */
export function checkKeyArn(name: string, keyArn: string): void {
  const isKey = /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(keyArn);
  if (!isKey && !Token.isUnresolved(keyArn)) {
    throw new Error(
      `${name} must be the ARN of a key (arn:aws:kms:…:key/…), not of an alias, got ${quote(keyArn)}`,
    );
  }
}

/**
 * Reads the certificates of a private authority.
 *
 * @throws {Error} unless the file holds certificates as PEM, and no private key
 */
export function readCaFile(path: string): string {
  const pem = readFileSync(path, 'utf8');
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  // What is in the file gets into the deployed code.
  if (pem.includes('PRIVATE KEY') || !certificates?.every(isCertificate)) {
    throw new Error(
      `gitlabCaFile must hold certificates as PEM, and no private key, got ${quote(path)}`,
    );
  }
  return pem;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

/** Before anything else, so that no other message quotes them. */
function refuseCredentials(name: string, url: string): void {
  if (url.includes('@')) {
    throw new Error(`${name} must not hold a user name or a password`);
  }
}

function hasProtocol(url: string, allowed: readonly string[]): boolean {
  return URL.canParse(url) && allowed.includes(new URL(url).protocol);
}

function quote(text: string): string {
  return JSON.stringify(text);
}

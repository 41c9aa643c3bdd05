import { readFileSync } from 'node:fs';
import { Token } from 'aws-cdk-lib';
import {
  parseCaFile,
  parseGitLabUrl,
  parseNoProxy,
  parseProjectId,
  parseProxyUrl,
  parseTokenField,
  type Variable,
} from '../../../lambda/settings/variables.ts';
import type { GitLabTokenRotationProps, TokenRotationOptions } from '../props.ts';
import { Problems } from './problems.ts';

/**
 * Checks the props that end up in the function's environment, as the function itself does.
 *
 * @throws {Error} with the prop's name, its value, and what is allowed
 */
export function checkFunctionProps(props: GitLabTokenRotationProps): void {
  const problems = new Problems();
  for (const checkProps of [
    checkGitLabUrl,
    checkProxy,
    checkNoProxy,
    checkCertificateAuthority,
    checkMemorySize,
    checkWatchTime,
    checkWatchTimeZone,
    checkNeedsOfWatch,
    checkRoles,
    checkVpc,
    checkAlertEmails,
  ]) {
    problems.attempt(() => checkProps(props));
  }
  problems.refuse();
}

/** @param where precedes the name of the prop @throws {Error} see `checkFunctionProps` */
export function checkTokenOptions(where: string, options: TokenRotationOptions): void {
  const problems = new Problems();
  problems.attempt(() => check(`${where}tokenField`, options.tokenField, parseTokenField));
  problems.attempt(() => check(`${where}projectId`, options.projectId, parseProjectId));
  problems.refuse();
}

function checkGitLabUrl({ gitlabUrl }: GitLabTokenRotationProps): void {
  refuseCredentials('gitlabUrl', gitlabUrl);
  check('gitlabUrl', gitlabUrl, parseGitLabUrl);
  // http is for loopback only, and there is no GitLab inside the function.
  if (gitlabUrl.startsWith('http:')) {
    throw new Error(`gitlabUrl ${JSON.stringify(gitlabUrl)} must begin with https://`);
  }
}

// The template shows the proxies to everybody who may read it.

function checkProxy({ httpsProxy }: GitLabTokenRotationProps): void {
  refuseCredentials('httpsProxy', httpsProxy);
  check('httpsProxy', httpsProxy, parseProxyUrl);
}

function checkNoProxy({ noProxy }: GitLabTokenRotationProps): void {
  refuseCredentials('noProxy', noProxy);
  check('noProxy', noProxy, parseNoProxy);
}

function checkCertificateAuthority({ certificateAuthority }: GitLabTokenRotationProps): void {
  check('certificateAuthority', certificateAuthority, parseCertificateAuthority);
}

function check(prop: string, value: string | undefined, parse: Variable<string>): void {
  if (value !== undefined && !Token.isUnresolved(value)) {
    const parsed = parse(value);
    if (typeof parsed === 'object') {
      throw new Error(`${prop} ${JSON.stringify(value)} ${parsed.problem}`);
    }
  }
}

/** Before anything else, so that no other message quotes them. */
function refuseCredentials(prop: string, value: string | undefined): void {
  if (value?.includes('@')) {
    throw new Error(`${prop} must not contain a user name or a password`);
  }
}

/** The whole file is deployed with the code. */
function parseCertificateAuthority(path: string) {
  const parsed = parseCaFile(path);
  return typeof parsed === 'object' || !readFileSync(path, 'utf8').includes('PRIVATE KEY')
    ? parsed
    : { problem: 'names a file with a private key: use a file of certificates only' };
}

function checkMemorySize({ memorySize }: GitLabTokenRotationProps): void {
  if (memorySize === undefined || Token.isUnresolved(memorySize)) {
    return;
  }
  if (!Number.isInteger(memorySize) || memorySize < 128 || memorySize > 10_240) {
    throw new Error(`memorySize ${memorySize} must be a whole number of MiB from 128 to 10240`);
  }
}

function checkWatchTime({ watchTime }: GitLabTokenRotationProps): void {
  if (typeof watchTime === 'string' && !/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(watchTime)) {
    throw new Error(
      `watchTime ${JSON.stringify(watchTime)} must be a time like 07:30, or false if there is no daily watch`,
    );
  }
}

function checkWatchTimeZone({ watchTimeZone }: GitLabTokenRotationProps): void {
  const zone = watchTimeZone?.timezoneName;
  if (zone !== undefined && !Token.isUnresolved(zone) && !isTimeZone(zone)) {
    throw new Error(
      `watchTimeZone ${JSON.stringify(zone)} must be the name of a time zone, like Europe/Berlin`,
    );
  }
}

function checkNeedsOfWatch(props: GitLabTokenRotationProps): void {
  const { watchTime, watchTimeZone, weeklyReport } = props;
  for (const [prop, value] of Object.entries({ watchTimeZone, weeklyReport })) {
    if (watchTime === false && value) {
      throw new Error(`${prop} needs the daily watch: watchTime must not be false`);
    }
  }
}

/** Of the IANA database; an offset like +01:00 is none. */
function isTimeZone(name: string): boolean {
  try {
    return /^[A-Z]/i.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

function checkRoles({ role, watchRole, permissionsBoundary }: GitLabTokenRotationProps): void {
  if (role && watchRole && permissionsBoundary) {
    throw new Error('permissionsBoundary is for new roles: set it on your roles instead');
  }
}

function checkVpc({ vpc, vpcSubnets, securityGroups }: GitLabTokenRotationProps): void {
  for (const [prop, value] of Object.entries({ vpcSubnets, securityGroups })) {
    if (value !== undefined && vpc === undefined) {
      throw new Error(`${prop} needs vpc too`);
    }
  }
}

function checkAlertEmails({ alertEmails: emails = [] }: GitLabTokenRotationProps): void {
  for (const email of emails) {
    // It is part of the id of its subscription.
    if (Token.isUnresolved(email)) {
      throw new Error('alertEmails must be known at synthesis');
    }
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
      throw new Error(`alertEmails: ${JSON.stringify(email)} is not an e-mail address`);
    }
  }
  if (new Set(emails).size < emails.length) {
    throw new Error('alertEmails must not contain the same address twice');
  }
}

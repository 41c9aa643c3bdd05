import { malformed } from './secret-members.ts';

export const LONGEST_TOKEN = 512;

/** @throws {RotationError} SECRET_MALFORMED, naming the place and quoting nothing */
export function requireToken(token: unknown, where: string): asserts token is string {
  if (token === '') {
    throw malformed(`${where} holds no token`);
  }
  if (typeof token === 'string' && isOtherForm(token)) {
    throw malformed(
      `${where} is JSON without an object, or in quotes or brackets: store the bare token without quotes, or a JSON object`,
    );
  }
  if (typeof token !== 'string' || !isToken(token)) {
    throw malformed(
      `${where} is not a token: allowed are 1 to ${LONGEST_TOKEN} printable ASCII characters without white space`,
    );
  }
}

/**
 * GitLab makes a token of a prefix and of letters, digits, `_`, `-` and `.`. An administrator
 * may choose the prefix, of `[a-zA-Z0-9_+=/@:.-]` alone (app/models/application_setting.rb).
 * So what GitLab issued is read from the secret again. It could be JSON only without a
 * prefix, as a number: twenty random characters would all have to be digits, `-` or `e`.
 */
const NEVER_IN_A_TOKEN = /["'`\\<>(){}[\]$,;*]/;

/** Only with GitLab's own prefix after the name, because a prefix may end in `=` too: `ACME=`. */
const ENV_LINE = /^[A-Z][A-Z0-9_]*=glpat-/;

/**
 * A form that is not understood is never sent to GitLab: a string, a list or
 * a null that was stored as JSON, JSON within JSON, quotes that a shell left there, a
 * placeholder, a line of a .env file.
 */
function isOtherForm(text: string): boolean {
  return NEVER_IN_A_TOKEN.test(text) || ENV_LINE.test(text) || isJsonText(text);
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Not bound: its message quotes the text, which may be a token.
    return false;
  }
}

/**
 * Whether a text fits into an HTTP header. That is the only condition for a token that GitLab
 * issues: it is stored whatever it looks like, since it is shown only once.
 */
export function isToken(text: string): boolean {
  return text.length <= LONGEST_TOKEN && /^[\x21-\x7e]+$/.test(text);
}

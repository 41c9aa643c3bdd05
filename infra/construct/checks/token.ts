/**
 * GitLab's prefixes: https://docs.gitlab.com/security/tokens/#token-prefixes. An administrator may set
 * others. A token has 20 random characters at least, which the name of a secret has hardly.
 */
const TOKEN =
  /(?<![A-Za-z0-9])gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|wt|soat|ffct)-(?=[\w.-]*[A-Z\d])[\w.-]{20,}/;

/** Whether a text has a token in it, which no message may quote, and which no template may hold. */
export function holdsToken(text: string): boolean {
  return TOKEN.test(text);
}

/** What follows the name of the setting that has a token in it. */
export const TOKEN_PROBLEM =
  'holds a GitLab token. Take it out, and revoke it in GitLab: a token belongs in the secret only';

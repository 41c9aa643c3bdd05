const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads a person's GITLAB_URL. What the function would refuse later is refused before anything
 * rotates.
 *
 * @throws {Error} that does not quote it: people keep credentials in URLs
 */
export function readGitLabUrl(value = ''): string {
  const text = value.trim().replace(/\/+$/, '');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error('GITLAB_URL is missing or no URL: it must be like https://gitlab.example.com');
  }
  if (`${url.username}${url.password}${url.search}${url.hash}` !== '') {
    throw new Error('GITLAB_URL must hold neither credentials nor a query nor a fragment');
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new Error(
      'GITLAB_URL must begin with https://, or everybody on the way could read the token (http:// is allowed for loopback only)',
    );
  }
  return text;
}

/**
 * The one word that may be said of a failed request: the error's code, such as
 * `ECONNREFUSED`, else its name. Never its message, which can quote the request.
 *
 * @returns letters, digits and underscores only
 */
export function reasonOf(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  const reason = typeof code === 'string' ? code : String(name);
  return /^\w{1,64}$/.test(reason) ? reason : 'Error';
}

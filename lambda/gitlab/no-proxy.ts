import { isIP } from 'node:net';

/** Host names and addresses that are reached without the proxy. */
interface Exemption {
  /** As `URL` writes it, without brackets. Empty for every host. */
  readonly host: string;
  /** The domain itself, and not only what lies below it. */
  readonly itself: boolean;
  /** @default - every port */
  readonly port?: string;
}

/** `*`, or a name with or without a leading `.` or `*.`, or an address; then perhaps a port. */
const ENTRY = /^(?:\*|(\*?\.)?([\w-]+(?:\.[\w-]+)*)\.?)(?::(\d{1,5}))?$/;
const BRACKETED = /^\[([\da-f:.]+)\](?::(\d{1,5}))?$/i;

/**
 * Reads `NO_PROXY`: entries with commas or white space between them. Here is all
 * that an entry can say, so that none is taken and then has no effect.
 *
 * @returns undefined for an entry that is none
 */
export function parseNoProxy(text: string): readonly (Exemption | undefined)[] {
  return text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseEntry);
}

/** Whether a URL is reached without the proxy. */
export function isExempt(url: URL, noProxy: string): boolean {
  const host = unbracketed(url.hostname).replace(/\.$/, '');
  const port = url.port || '443';
  return parseNoProxy(noProxy).some(
    (entry) =>
      entry !== undefined &&
      (entry.port === undefined || entry.port === port) &&
      (entry.host === '' ||
        (entry.itself && entry.host === host) ||
        host.endsWith(`.${entry.host}`)),
  );
}

function parseEntry(entry: string): Exemption | undefined {
  if (isIP(entry) === 6) {
    return { host: canonical(`[${entry}]`), itself: true };
  }
  const [, v6, v6Port] = BRACKETED.exec(entry) ?? [];
  if (v6 !== undefined) {
    return isIP(v6) === 6 && isPort(v6Port)
      ? { host: canonical(`[${v6}]`), itself: true, ...portOf(v6Port) }
      : undefined;
  }
  const found = ENTRY.exec(entry);
  const [, below, name, port] = found ?? [];
  if (found === null || !isPort(port)) {
    return undefined;
  }
  if (name === undefined) {
    return { host: '', itself: true, ...portOf(port) };
  }
  // Digits alone are an address: `10.` and `10.0` would be names of no host.
  if (/^[\d.]+$/.test(name) && (isIP(name) === 0 || below !== undefined)) {
    return undefined;
  }
  return { host: name.toLowerCase(), itself: below !== '*.', ...portOf(port) };
}

function isPort(port: string | undefined): boolean {
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

function portOf(port: string | undefined) {
  return port === undefined ? {} : { port: String(Number(port)) };
}

/** An address may be written in several ways. */
function canonical(host: string): string {
  return unbracketed(new URL(`https://${host}`).hostname);
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

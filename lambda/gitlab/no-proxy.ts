import { isIP } from 'node:net';

/** An entry of `NO_PROXY`: hosts that are reached without the proxy. */
interface Exemption {
  /** As `URL` writes it, without brackets. Empty for every host. */
  readonly host: string;
  /** Whether the domain itself is exempt, and not only the names below it. */
  readonly itself: boolean;
  /** @default - every port */
  readonly port?: number;
}

/** `*`, or a name with or without a leading `.` or `*.`, or an address; then perhaps a port. */
const ENTRY = /^(?:\*|(\*?\.)?([\w-]+(?:\.[\w-]+)*)\.?)(?::(\d{1,5}))?$/;
const BRACKETED = /^\[([\da-f:.]+)\](?::(\d{1,5}))?$/i;

/**
 * Reads `NO_PROXY`: entries with commas or white space between them.
 *
 * @returns undefined for an entry that could have no effect
 */
export function parseExemptions(text: string): readonly (Exemption | undefined)[] {
  return text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseEntry);
}

/** Whether a URL is reached without the proxy. */
export function isExempt(url: URL, noProxy: string): boolean {
  const host = withoutBrackets(url.hostname).replace(/\.$/, '');
  const port = Number(url.port || 443);
  return parseExemptions(noProxy).some(
    (entry) =>
      entry !== undefined &&
      (entry.port === undefined || entry.port === port) &&
      (entry.host === '' ||
        (entry.itself && entry.host === host) ||
        host.endsWith(`.${entry.host}`)),
  );
}

function parseEntry(entry: string): Exemption | undefined {
  const [, v6 = entry, v6Port] = BRACKETED.exec(entry) ?? [];
  // A URL cannot hold an address with a zone (`%eth0`).
  if (isIP(v6) === 6 && !v6.includes('%')) {
    return withPort({ host: canonical(v6), itself: true }, v6Port);
  }
  const found = ENTRY.exec(entry);
  const [, below, name = '', port] = found ?? [];
  // Digits alone are an address, which has no names below it.
  const isAddress = /^[\d.]+$/.test(name);
  if (found === null || (isAddress && (isIP(name) === 0 || below !== undefined))) {
    return undefined;
  }
  return withPort({ host: name.toLowerCase(), itself: below !== '*.' }, port);
}

function withPort(exemption: Exemption, port: string | undefined): Exemption | undefined {
  if (port === undefined) {
    return exemption;
  }
  const number = Number(port);
  return number >= 1 && number <= 65_535 ? { ...exemption, port: number } : undefined;
}

/** One spelling for each address. */
function canonical(v6: string): string {
  return withoutBrackets(new URL(`https://[${v6}]`).hostname);
}

/** The host of a URL, with an address of IPv6 as Node takes it. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

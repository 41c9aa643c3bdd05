import { isIP } from 'node:net';

/** A name, perhaps behind `.` or `*.`, or `*`; then perhaps a port. */
const NO_PROXY_ENTRY = /^(?:\*|(\*?\.)?([\w-]+(?:\.[\w-]+)*)\.?)(?::(\d{1,5}))?$/;
const BRACKETED_ADDRESS = /^\[([\da-f:.]+)\](?::(\d{1,5}))?$/i;

/** Whether an entry of `NO_PROXY` is one that has an effect in the function. */
export function isNoProxyEntry(entry: string): boolean {
  const [, v6 = entry, v6Port] = BRACKETED_ADDRESS.exec(entry) ?? [];
  // An address of a zone (`%eth0`) can stand in no URL.
  if (isIP(v6) === 6 && !v6.includes('%')) {
    return isPort(v6Port);
  }
  const found = NO_PROXY_ENTRY.exec(entry);
  const [, below, name = '*', port] = found ?? [];
  // Digits alone are an address, whole and without what lies below it.
  const isAddress = /^[\d.]+$/.test(name);
  return found !== null && isPort(port) && (!isAddress || (isIP(name) === 4 && !below));
}

function isPort(port = '443'): boolean {
  return Number(port) >= 1 && Number(port) <= 65_535;
}

import dns, { type LookupAddress } from 'node:dns';
import { vi } from 'vitest';

/** Lets every name have these addresses, in this order. */
export function resolveTo(...addresses: readonly string[]): void {
  type Found = (error: null, addresses: readonly LookupAddress[]) => void;
  const lookup = (_name: string, _options: object, found: Found) =>
    found(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
}

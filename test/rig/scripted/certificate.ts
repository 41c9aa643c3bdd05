import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for host names and IP addresses that is its own authority. */
export async function createCertificate(...hosts: readonly string[]): Promise<Certificate> {
  return await certify(hosts);
}

/** A certificate that an intermediate authority issued, and that authority, which a root vouches for. */
export async function createChain(...hosts: readonly string[]): Promise<{
  readonly leaf: Certificate;
  readonly intermediate: Certificate;
}> {
  const root = await certify(['root.example.com']);
  const intermediate = await certify(['intermediate.example.com'], root);
  return { leaf: await certify(hosts, intermediate), intermediate };
}

/** A certificate that this authority issued, and that expired yesterday. */
export async function createExpired(issuer: Certificate, ...hosts: readonly string[]) {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  return await certify(hosts, issuer, {
    notBeforeDate: daysAgo(30),
    notAfterDate: daysAgo(1),
  });
}

/** A certificate that this authority issued. */
export async function createIssued(issuer: Certificate, ...hosts: readonly string[]) {
  return await certify(hosts, issuer);
}

async function certify(
  hosts: readonly string[],
  issuer?: Certificate,
  life: { readonly notBeforeDate?: Date; readonly notAfterDate?: Date } = {},
): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: hosts[0] ?? '' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...life,
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: hosts.map((host) =>
          isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host },
        ),
      },
    ],
    ...(issuer && { ca: issuer }),
  });
  return { key, cert };
}

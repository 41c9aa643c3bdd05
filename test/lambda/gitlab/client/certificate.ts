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

async function certify(hosts: readonly string[], issuer?: Certificate): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: hosts[0] ?? '' }], {
    keyType: 'ec',
    algorithm: 'sha256',
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

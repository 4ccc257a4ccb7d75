import { generate, type SelfsignedOptions } from 'selfsigned';

/** A certificate for a host, signed by itself, and its key, both in PEM. */
export async function makeCertificate(
  host: string,
  validity: Pick<SelfsignedOptions, 'notBeforeDate' | 'notAfterDate'> = {},
): Promise<{ cert: string; key: string }> {
  const made = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
    ...validity,
  });
  return { cert: made.cert, key: made.private };
}

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Logger } from '../base/logger.ts';
import { changeFile } from '../base/node-guarded-file.ts';

export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 365;
const RENEW_BEFORE_MS = 7 * DAY_MS;
const OWNER_ONLY = 0o600;

function directory(): string {
  const data = process.env['XDG_DATA_HOME'] ?? path.join(homedir(), '.local', 'share');
  return path.join(data, 'strom', 'tls');
}

/**
 * A certificate for `localhost`, made once, kept for this user alone, and renewed before it ends.
 * Clients have to be told to trust it; the log says how.
 */
export async function devCertificate(logger: Logger): Promise<Credentials> {
  const files = {
    cert: path.join(directory(), 'localhost.pem'),
    key: path.join(directory(), 'localhost.key'),
  };
  const credentials = (await readKept(files)) ?? (await keepNew(files));
  logger.info(
    { trust: `NODE_EXTRA_CA_CERTS=${files.cert}`, curl: `curl --cacert ${files.cert}` },
    'using a local certificate',
  );
  return credentials;
}

/** Several processes may start at the same time, and clients trust one certificate. */
async function keepNew(files: Credentials): Promise<Credentials> {
  await mkdir(directory(), { recursive: true, mode: 0o700 });
  const credentials = { ...(await make()) };
  await changeFile(files.key, async () => {
    Object.assign(credentials, await readKept(files));
    await writeFile(files.cert, credentials.cert, { mode: OWNER_ONLY });
    return credentials.key;
  });
  // A file that was there before keeps its mode through a write.
  await Promise.all([chmod(files.cert, OWNER_ONLY), chmod(files.key, OWNER_ONLY)]);
  return credentials;
}

async function readKept(files: Credentials): Promise<Credentials | undefined> {
  try {
    const credentials = {
      cert: await readFile(files.cert, 'utf8'),
      key: await readFile(files.key, 'utf8'),
    };
    const certificate = new X509Certificate(credentials.cert);
    if (!certificate.checkPrivateKey(createPrivateKey(credentials.key))) return undefined;
    return Date.parse(certificate.validTo) - Date.now() > RENEW_BEFORE_MS ? credentials : undefined;
  } catch {
    // Missing, unreadable or no certificate: a new one takes its place.
    return undefined;
  }
}

async function make(): Promise<Credentials> {
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}

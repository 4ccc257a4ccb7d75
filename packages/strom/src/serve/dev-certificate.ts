import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
const FOLDER_OF_OWNER = 0o700;
const OPEN_TO_OTHERS = 0o077;

interface CredentialFiles {
  readonly cert: string;
  readonly key: string;
}

function directory(): string {
  const { XDG_DATA_HOME: data = '' } = process.env;
  // By the convention, one that is not absolute does not count.
  const home = path.isAbsolute(data) ? data : path.join(homedir(), '.local', 'share');
  return path.join(home, 'strom', 'tls');
}

/** Where the certificate of this user is kept, whether there is one already or not. */
export function devCertificateFiles(): CredentialFiles {
  return {
    cert: path.join(directory(), 'localhost.pem'),
    key: path.join(directory(), 'localhost.key'),
  };
}

/**
 * A certificate for `localhost`, made once, kept for this user alone, and renewed before it ends.
 * Clients have to be told to trust it; the log says how.
 */
export async function devCertificate(logger: Logger): Promise<Credentials> {
  const files = devCertificateFiles();
  await ownDirectory();
  const credentials = (await readKept(files)) ?? (await keepNew(files));
  logger.info(
    { trust: `NODE_EXTRA_CA_CERTS=${files.cert}`, curl: `curl --cacert ${files.cert}` },
    'using a local certificate',
  );
  return credentials;
}

/**
 * Makes the folder, or closes it to others, and takes out what somebody else has put there while it was
 * open: a key they know, or a link to a file that a new key would take the place of.
 *
 * @throws when the folder is open and not ours to close
 */
async function ownDirectory(): Promise<void> {
  const folder = directory();
  await mkdir(folder, { recursive: true, mode: FOLDER_OF_OWNER });
  if (await isOpenToOthers(folder)) await chmod(folder, FOLDER_OF_OWNER);
  const me = process.getuid?.();
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const owner = await ownerOf(file);
    if (owner !== undefined && me !== undefined && owner !== me) await rm(file, { force: true });
  }
}

/** Where files have no such modes, as on Windows, the folder of a user is that user's alone. */
async function isOpenToOthers(file: string): Promise<boolean> {
  return process.getuid !== undefined && ((await stat(file)).mode & OPEN_TO_OTHERS) !== 0;
}

/** `undefined` for a file that another process has just put in its place. */
async function ownerOf(file: string): Promise<number | undefined> {
  try {
    return (await lstat(file)).uid;
  } catch {
    return undefined;
  }
}

/** Several processes may start at the same time, and clients trust one certificate. */
async function keepNew(files: CredentialFiles): Promise<Credentials> {
  const credentials = { ...(await make()) };
  await changeFile(files.key, async (target) => {
    const kept = await readKept(files);
    if (kept === undefined) {
      // A file that is replaced hands on its mode.
      await Promise.all([rm(target, { force: true }), rm(files.cert, { force: true })]);
      await writeFile(files.cert, credentials.cert, { mode: OWNER_ONLY });
    }
    Object.assign(credentials, kept);
    return credentials.key;
  });
  return credentials;
}

async function readKept(files: CredentialFiles): Promise<Credentials | undefined> {
  try {
    // A key that others could read is no longer ours alone.
    if (await isOpenToOthers(files.key)) return undefined;
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

import { constants, X509Certificate } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext, type Server as TlsServer } from 'node:tls';
import type { Logger } from '../base/logger.ts';
import type { Credentials } from './dev-certificate.ts';

const SETTLE_MS = 200;

/**
 * What clients may do with TLS, whatever the certificate. No second handshake within a connection: it
 * costs the server more than the client, and HTTP/2 forbids it.
 */
export const TLS_BOUNDS = {
  minVersion: 'TLSv1.2',
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const;

export interface TlsOptions {
  /** Path of the certificate chain in PEM, the server's own certificate first. */
  cert: string;
  /** Path of the private key in PEM. */
  key: string;
}

async function readPem(file: string, setting: string): Promise<string> {
  try {
    // A pipe would be waited for, and a device has no end.
    if (!(await stat(file)).isFile()) throw new TypeError('no regular file');
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new TypeError(`tls.${setting}: the file ${file} cannot be read`, { cause });
  }
}

/**
 * Reads a certificate and its key, and checks that they belong together.
 *
 * @throws {TypeError} naming the file at fault
 */
export async function readCredentials({ cert, key }: TlsOptions): Promise<Credentials> {
  const credentials = { cert: await readPem(cert, 'cert'), key: await readPem(key, 'key') };
  try {
    createSecureContext(credentials);
  } catch (cause) {
    throw new TypeError(`tls: ${cert} and ${key} are no certificate and its key`, { cause });
  }
  return credentials;
}

/** When a certificate ends, in milliseconds since the epoch; of a chain the server's own, its first. */
export function endOfCertificate({ cert }: Pick<Credentials, 'cert'>): number {
  return Date.parse(new X509Certificate(cert).validTo);
}

export interface ReloadOptions {
  readonly logger: Logger;
  /** Told of the credentials that new connections get from now on. */
  readonly loaded: (credentials: Credentials) => void;
}

/** Tells two states of the files apart; the same for as long as nobody touches them. */
async function stateOf({ cert, key }: TlsOptions): Promise<string> {
  const stats = await Promise.all([cert, key].map((file) => stat(file).catch(() => undefined)));
  return stats.map((each) => each && `${each.ino} ${each.size} ${each.ctimeMs}`).join();
}

/**
 * Takes new credentials for new connections whenever the files change; open ones keep theirs.
 * Credentials that do not fit are reported and left alone.
 *
 * @returns stops watching
 */
export function reloadOnChange(
  server: TlsServer,
  files: TlsOptions,
  { logger, loaded }: ReloadOptions,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let seen: string | undefined;
  const reload = async (): Promise<void> => {
    const state = await stateOf(files);
    if (state === seen) return;
    seen = state;
    try {
      const credentials = await readCredentials(files);
      server.setSecureContext({ ...TLS_BOUNDS, ...credentials });
      loaded(credentials);
      logger.info({}, 'the TLS certificate was reloaded');
    } catch (error) {
      logger.error({ err: error }, 'the TLS certificate could not be reloaded');
    }
  };
  // Both files are usually replaced one after the other; wait until they belong together. Not until
  // all is quiet: other files of the directory may change all the time.
  const planned = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void reload();
    }, SETTLE_MS);
  };
  // Directories, because files are replaced by renaming, which ends a watch on the file itself.
  const directories = new Set([path.dirname(files.cert), path.dirname(files.key)]);
  const watchers = [...directories].map((directory) =>
    watch(directory, { persistent: false }, planned),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

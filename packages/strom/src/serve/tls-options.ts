import type { Logger } from '../base/logger.ts';
import { type Credentials, devCertificate } from './dev-certificate.ts';
import { readCredentials, type TlsOptions } from './tls-credentials.ts';

export interface ResolvedTls {
  readonly credentials: Credentials;
  /** The files the credentials come from, where they may be replaced while the server runs. */
  readonly files: TlsOptions | undefined;
}

/**
 * Reads what `tls` names; `dev` stands for a local certificate that is made once and kept.
 *
 * @throws {TypeError} naming the file that cannot be read or does not fit, never its content
 */
export async function resolveTls(tls: TlsOptions | 'dev', logger: Logger): Promise<ResolvedTls> {
  if (tls === 'dev') return { credentials: await devCertificate(logger), files: undefined };
  return { credentials: await readCredentials(tls), files: tls };
}

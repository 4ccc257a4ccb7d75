import type { PublicUrl } from './public-url.ts';
import type { RequestFacts } from './request-facts.ts';

type Headers = Readonly<Record<string, string>>;

const MS_PER_SECOND = 1000;
/** Browsers read digits, and larger numbers are written without. */
const MAX_SECONDS = 2 ** 31 - 1;

/**
 * Tells browsers to come over TLS only. Said to those who came over TLS, under the name of
 * `publicUrl` alone: under another name, `localhost` say, it would bind other servers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6797#section-7.2
 */
export class StrictTransport {
  readonly #host: string | undefined;
  readonly headers: Headers;

  /** @param maxAgeMs - how long browsers keep to it; 0 says nothing */
  constructor(publicUrl: PublicUrl | undefined, maxAgeMs: number) {
    const isPublic = publicUrl?.isEncrypted === true && maxAgeMs > 0;
    this.#host = isPublic ? publicUrl.host : undefined;
    const seconds = Math.min(Math.floor(maxAgeMs / MS_PER_SECOND), MAX_SECONDS);
    this.headers = { 'strict-transport-security': `max-age=${seconds}` };
  }

  /** Whether who asks is to be told. */
  isFor(facts: RequestFacts): boolean {
    if (this.#host === undefined || !facts.isEncrypted) return false;
    const host = facts.forwarded?.host ?? facts.header('host');
    return host?.toLowerCase() === this.#host;
  }
}

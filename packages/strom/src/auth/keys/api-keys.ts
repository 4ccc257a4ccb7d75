import { type Clock, SYSTEM_CLOCK } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import { publicError, type StromError } from '../../base/strom-error.ts';
import type { Authenticator } from '../../security/authenticator.ts';
import { bearerToken, checkTokenForm, invalidToken } from '../../security/bearer-token.ts';
import type { RequestFacts } from '../../security/request-facts.ts';
import { bearerChallenge } from '../bearer-challenge.ts';
import type { ImpliedScopes } from '../scope-set.ts';
import { type ApiKeyRecord, KEY_PREFIX, parseApiKey } from './api-key.ts';
import { KeyFileFollower } from './key-file-follower.ts';
import { checkKeyRecords } from './key-records.ts';
import { KeyRing } from './key-ring.ts';

interface CommonOptions {
  /** Scopes that include others, such as `{ admin: ['files:read'] }`. Default: none do. */
  impliedScopes?: ImpliedScopes;
  /** Time, for tests. Default: the host's. */
  clock?: Clock;
}

export interface ApiKeyFileOptions extends CommonOptions {
  /**
   * The file that `strom keys` writes. A change counts within a second: a key that was revoked lets
   * nobody in any more and ends what runs with it. While the file cannot be read, nobody gets in.
   */
  file: string;
}

export interface ApiKeyListOptions extends CommonOptions {
  /** The keys that hold, as {@link createApiKey} made them, for as long as the process lives. */
  keys: readonly ApiKeyRecord[];
}

export type ApiKeyOptions = ApiKeyFileOptions | ApiKeyListOptions;

const REALM = 'API keys';
const HEADER = 'x-api-key';

/**
 * Lets callers in by API keys, sent as `Authorization: Bearer strom_…` or as `X-API-Key`.
 *
 * @throws {TypeError} when the file cannot be read, or a record is malformed
 * @example
 * ```ts
 * await strom.run({ auth: [apiKeys({ file: 'keys.json' })] });
 * ```
 */
export function apiKeys(options: ApiKeyOptions): Authenticator {
  return new ApiKeyAuthenticator(options);
}

class ApiKeyAuthenticator implements Authenticator {
  readonly #ring: KeyRing;
  readonly #follower: KeyFileFollower | undefined;

  constructor(options: ApiKeyOptions) {
    const { clock = SYSTEM_CLOCK, impliedScopes } = options;
    const onListen = (): void => this.#follower?.watch(() => this.#ring.isHeard);
    const isFollowed = 'file' in options;
    this.#ring = new KeyRing({
      clock,
      impliedScopes,
      onListen: isFollowed ? onListen : undefined,
    });
    if (isFollowed) {
      this.#follower = new KeyFileFollower(options.file, clock, (keys) => this.#ring.replace(keys));
    } else this.#ring.replace(checkKeyRecords(options.keys));
  }

  recognises(facts: RequestFacts): boolean {
    return facts.header(HEADER) !== undefined || keyAsToken(facts) !== undefined;
  }

  authenticate(facts: RequestFacts): Principal {
    const key = keyAsToken(facts);
    const named = facts.header(HEADER);
    if (key !== undefined && named !== undefined) {
      throw publicError('ERR_AUTH_MALFORMED', 'Send the key in one header, not in two');
    }
    this.#follower?.refresh();
    const given = key ?? named ?? '';
    const parts = parseApiKey(given);
    if (parts !== undefined) return this.#ring.find(parts);
    if (key !== undefined) checkTokenForm(key);
    throw invalidToken('not the form of an API key');
  }

  claim(facts: RequestFacts): string | undefined {
    const parts = parseApiKey(keyAsToken(facts) ?? facts.header(HEADER) ?? '');
    return parts && `${KEY_PREFIX}${parts.id}`;
  }

  challenge(error: StromError, scopes: readonly string[]): string {
    return bearerChallenge(error, { realm: REALM, scopes });
  }
}

function keyAsToken(facts: RequestFacts): string | undefined {
  const token = bearerToken(facts);
  return token?.startsWith(KEY_PREFIX) ? token : undefined;
}

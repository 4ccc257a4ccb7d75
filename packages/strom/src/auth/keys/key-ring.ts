import type { Clock } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import { invalidToken } from '../../security/bearer-token.ts';
import { principalId } from '../principal-id.ts';
import { type ImpliedScopes, scopeSet } from '../scope-set.ts';
import { Withdrawal } from '../withdrawal.ts';
import { type ApiKeyParts, type ApiKeyRecord, KeySecret } from './api-key.ts';

/** Compared with where there is no key of that id, so that the answer takes the time of one never used. */
const NOBODYS = new KeySecret('0'.repeat(64));
const EVERYTHING = '*';

interface Entry {
  /** Everything that was said of the key; another text is another key. */
  readonly fingerprint: string;
  readonly secret: KeySecret;
  readonly isRevoked: boolean;
  readonly principal: Principal;
  readonly withdrawal: Withdrawal;
}

export interface KeyRingOptions {
  readonly clock: Clock;
  readonly impliedScopes: ImpliedScopes | undefined;
  /** Told whenever something begins that ends with its key; absent where keys never change. */
  readonly onListen: (() => void) | undefined;
}

/** The keys of a server, ready to be compared with. */
export class KeyRing {
  readonly #options: KeyRingOptions;
  #entries: ReadonlyMap<string, Entry> = new Map();

  constructor(options: KeyRingOptions) {
    this.#options = options;
  }

  /** Whether something runs that would end with one of the keys. */
  get isHeard(): boolean {
    for (const { withdrawal } of this.#entries.values()) if (withdrawal.isHeard) return true;
    return false;
  }

  /** Takes these records for all there are; what runs with a key that is other now is ended. */
  replace(records: readonly ApiKeyRecord[]): void {
    const before = this.#entries;
    const after = new Map<string, Entry>();
    for (const record of records) {
      const fingerprint = JSON.stringify(record);
      const old = before.get(record.id);
      after.set(record.id, old?.fingerprint === fingerprint ? old : this.#entryOf(record));
    }
    this.#entries = after;
    for (const [id, entry] of before) if (after.get(id) !== entry) entry.withdrawal.withdraw();
  }

  /** @throws {StromError} `ERR_INVALID_TOKEN` */
  find({ id, secret }: ApiKeyParts): Principal {
    const entry = this.#entries.get(id);
    const isRight = (entry?.secret ?? NOBODYS).is(secret);
    if (entry === undefined) throw invalidToken(`no API key ${id}`);
    if (!isRight) throw invalidToken(`a wrong secret for API key ${id}`);
    if (entry.isRevoked) throw invalidToken(`API key ${id} is revoked`);
    const { expiresAtMs } = entry.principal;
    if (expiresAtMs !== undefined && expiresAtMs <= this.#options.clock.now()) {
      throw invalidToken(`API key ${id} has expired`);
    }
    return entry.principal;
  }

  #entryOf(record: ApiKeyRecord): Entry {
    const { impliedScopes, onListen } = this.#options;
    const { id, name, scopes, expiresAt } = record;
    const withdrawal = new Withdrawal(onListen ?? (() => undefined));
    return {
      fingerprint: JSON.stringify(record),
      secret: new KeySecret(record.sha256),
      isRevoked: record.revokedAt !== undefined,
      withdrawal,
      principal: {
        id: principalId('api-key', id),
        kind: 'api-key',
        name: `${name} (${id})`,
        scopes: scopes.includes(EVERYTHING) ? undefined : scopeSet(scopes, impliedScopes),
        expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt),
        ...(onListen !== undefined && { revocation: withdrawal }),
      },
    };
  }
}

/**
 * API keys: how they look, and what is kept of them.
 *
 * `strom_<id>_<secret>`: the id is no secret and stands in logs, the secret is 256 random bits. Only
 * its hash is written down. A fast hash is enough: what has 256 bits is not guessed, however fast it is
 * tried.
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { checkScopes } from '../../base/check-scopes.ts';
import { sha256 } from '../sha256.ts';

export const KEY_PREFIX = 'strom_';

const ID_BYTES = 6;
const SECRET_BYTES = 32;
const SECRET_CHARS = 43;
const KEY = /^strom_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;
const DIGEST_CHARS = 64;
/** Nothing longer is looked at. */
const KEY_CHARS = KEY_PREFIX.length + 2 * ID_BYTES + 1 + SECRET_CHARS;

/** What is kept of a key. Times are ISO 8601 in UTC. */
export interface ApiKeyRecord {
  /** The part of the key that may be shown; finds the record. */
  id: string;
  /** Whose key it is, for people and logs. */
  name: string;
  /** SHA-256 of the secret part, in lower-case hex. */
  sha256: string;
  /** What the key may do; `['*']` for everything. */
  scopes: readonly string[];
  createdAt: string;
  expiresAt?: string;
  revokedAt?: string;
}

export interface NewApiKey {
  name: string;
  /** What the key may do; `['*']` for everything. Default: only what needs no scope. */
  scopes?: readonly string[];
  /** When the key ends, in milliseconds since the epoch. Default: never. */
  expiresAtMs?: number;
  /** Default: now. */
  createdAtMs?: number;
}

/**
 * Makes a key.
 *
 * @returns the key, which is shown once and nowhere kept, and the record to be kept
 * @throws {TypeError} for an empty name or something that is no scope
 */
export function createApiKey(options: NewApiKey): { key: string; record: ApiKeyRecord } {
  const { name, scopes = [], expiresAtMs, createdAtMs = Date.now() } = options;
  if (name.trim() === '') throw new TypeError('name: a key needs one');
  checkScopes('scopes', scopes);
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const record: ApiKeyRecord = {
    id,
    name,
    sha256: sha256(secret),
    scopes: [...scopes],
    createdAt: new Date(createdAtMs).toISOString(),
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs).toISOString() }),
  };
  return { key: `${KEY_PREFIX}${id}_${secret}`, record };
}

export interface ApiKeyParts {
  readonly id: string;
  readonly secret: string;
}

/** The two parts of a key; `undefined` for everything that is none. */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  if (text.length !== KEY_CHARS) return undefined;
  const match = KEY.exec(text);
  if (match === null) return undefined;
  return { id: match[1] ?? '', secret: match[2] ?? '' };
}

/** Filled and read at once: a buffer for each comparison would cost more than to compare. */
const givenDigest = Buffer.alloc(DIGEST_CHARS);
const givenSecret = Buffer.alloc(SECRET_CHARS);

/**
 * The secret of a key: known by its hash, and once it was shown, by itself. To hash it again with every
 * request would be a thirtieth of a short call.
 */
export class KeySecret {
  readonly #digest: Buffer;
  #shown: Buffer | undefined;

  /** @param digest - SHA-256, in lower-case hex */
  constructor(digest: string) {
    this.#digest = Buffer.from(digest, 'latin1');
  }

  /** Whether a secret is this one; takes the same time for all that are not. */
  is(secret: string): boolean {
    if (this.#shown !== undefined) {
      givenSecret.write(secret, 'latin1');
      return timingSafeEqual(givenSecret, this.#shown);
    }
    givenDigest.write(sha256(secret), 'latin1');
    const isRight = timingSafeEqual(givenDigest, this.#digest);
    if (isRight) this.#shown = Buffer.from(secret, 'latin1');
    return isRight;
  }
}

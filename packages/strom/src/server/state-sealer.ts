/**
 * Seals what a server needs to remember between two rounds of a request into a text that the client
 * carries: encrypted, authenticated, bound to the request it belongs to, and short-lived.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#server-requirements-basic-workflow
 * @module
 */
import { fromBase64Url, toBase64Url } from '../base/base64.ts';
import type { Clock } from '../base/clock.ts';
import { isJsonObject, type JsonObject, toJson } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';

export interface StateSealerOptions {
  /** AES-256 keys of 32 bytes. The first seals, all of them open, so that keys can be rotated. */
  readonly keys: readonly Uint8Array[];
  /** How long a sealed state is accepted, in milliseconds. */
  readonly ttlMs: number;
  readonly clock: Clock;
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const MAX_SEALED_CHARS = 256 * 1024;
const ALGORITHM = 'AES-GCM';

/** Named this way because hosts differ in whether they declare the type globally. */
type SealingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** One text for forged, foreign, expired and garbled states: a forger learns nothing. */
function refused() {
  return publicError('ERR_REQUEST_STATE', 'requestState is not valid for this request');
}

export class StateSealer {
  readonly #options: StateSealerOptions;
  #keys: Promise<readonly SealingKey[]> | undefined;

  /** @throws {TypeError} when a key has not 32 bytes, or there is none */
  constructor(options: StateSealerOptions) {
    const { keys } = options;
    if (keys.length === 0 || !keys.every(isKey)) {
      throw new TypeError(`stateKeys must hold keys of ${KEY_BYTES} bytes`);
    }
    this.#options = options;
  }

  /** A key nobody else has, for servers that run as one process. */
  static randomKey(): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  }

  /**
   * Seals a state.
   *
   * @param binding - what the state belongs to: caller, operation, arguments
   * @throws {StromError} `ERR_REQUEST_STATE` when it is too large to be carried
   */
  async seal(state: JsonObject, binding: string): Promise<string> {
    const [key] = await this.#imported();
    if (key === undefined) throw refused();
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const endsAtMs = this.#options.clock.now() + this.#options.ttlMs;
    // JSON has no word for what never ends.
    const expiresAtMs = Math.min(endsAtMs, Number.MAX_SAFE_INTEGER);
    const plain = new TextEncoder().encode(toJson({ expiresAtMs, state }));
    const cipher = await crypto.subtle.encrypt(parameters(iv, binding), key, plain);
    const sealed = toBase64Url(joined(iv, new Uint8Array(cipher)));
    if (sealed.length > MAX_SEALED_CHARS) {
      throw publicError('ERR_REQUEST_STATE', 'The state of this request is too large');
    }
    return sealed;
  }

  /** @throws {StromError} `ERR_REQUEST_STATE` unless it was sealed here, for this, not long ago */
  async open(sealed: string, binding: string): Promise<JsonObject> {
    if (sealed.length > MAX_SEALED_CHARS) throw refused();
    const bytes = fromBase64Url(sealed);
    if (bytes === undefined || bytes.length <= IV_BYTES) throw refused();
    for (const key of await this.#imported()) {
      const plain = await decrypt(key, bytes, binding);
      if (plain !== undefined) return this.#fresh(plain);
    }
    throw refused();
  }

  #fresh(plain: ArrayBuffer): JsonObject {
    const { expiresAtMs, state } = JSON.parse(new TextDecoder().decode(plain)) as JsonObject;
    if (Number(expiresAtMs) <= this.#options.clock.now() || !isJsonObject(state)) throw refused();
    return state;
  }

  #imported(): Promise<readonly SealingKey[]> {
    this.#keys ??= Promise.all(this.#options.keys.map(importKey));
    return this.#keys;
  }
}

/** A text of that many characters would be read as numbers, nearly all of them 0. */
function isKey(key: unknown): boolean {
  return key instanceof Uint8Array && key.length === KEY_BYTES;
}

function importKey(key: Uint8Array): Promise<SealingKey> {
  return crypto.subtle.importKey('raw', Uint8Array.from(key), ALGORITHM, false, [
    'encrypt',
    'decrypt',
  ]);
}

function parameters(iv: Uint8Array<ArrayBuffer>, binding: string) {
  return { name: ALGORITHM, iv, additionalData: new TextEncoder().encode(binding) };
}

async function decrypt(
  key: SealingKey,
  bytes: Uint8Array<ArrayBuffer>,
  binding: string,
): Promise<ArrayBuffer | undefined> {
  try {
    const iv = bytes.slice(0, IV_BYTES);
    return await crypto.subtle.decrypt(parameters(iv, binding), key, bytes.slice(IV_BYTES));
  } catch {
    // Not sealed with this key, or not for this request; another key may still open it.
    return undefined;
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const all = new Uint8Array(left.length + right.length);
  all.set(left);
  all.set(right, left.length);
  return all;
}

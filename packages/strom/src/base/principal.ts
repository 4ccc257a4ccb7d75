/**
 * Who a request comes from, as far as the server has verified it.
 *
 * Everything that outlives a request (sessions, streams, states between rounds) belongs to the
 * principal that made it, and to nobody else.
 */
export interface Principal {
  /** Unique over all ways of signing in; compared, never shown. */
  readonly id: string;
  readonly kind: 'local' | 'anonymous' | 'api-key' | 'oauth';
  /** A name for logs and for tools; `undefined` where nothing is known. */
  readonly name: string | undefined;
  /** What the caller may do; `undefined` for everything. */
  readonly scopes: ReadonlySet<string> | undefined;
  /** When the proof of identity ends, in milliseconds since the epoch. */
  readonly expiresAtMs: number | undefined;
  /** Tells when it ends before its time; absent where nobody would know. */
  readonly revocation?: Revocation;
  /** The IP address the request came from, where the transport knows it; for limits and logs. */
  readonly address?: string | undefined;
}

/** A proof of identity that may be taken back. */
export interface Revocation {
  /**
   * Calls `listener` once when that happens; at once if it has happened.
   *
   * @returns how to stop listening
   */
  listen(listener: () => void): () => void;
}

/** The one client of a process: stdio, or a connection in the same process. */
export const LOCAL_PRINCIPAL: Principal = {
  id: 'local',
  kind: 'local',
  name: undefined,
  scopes: undefined,
  expiresAtMs: undefined,
};

/** A caller over HTTP of a server that asks nobody who they are. */
export const ANONYMOUS: Principal = {
  id: 'anonymous',
  kind: 'anonymous',
  name: undefined,
  scopes: new Set(),
  expiresAtMs: undefined,
};

/** Callers ask from one address most of the time, and a copy for each request costs 4 us. */
const lastSeen = new WeakMap<Principal, Principal>();

/** The caller, as one who asks from an address. */
export function callingFrom(principal: Principal, address: string | undefined): Principal {
  if (address === undefined) return principal;
  const last = lastSeen.get(principal);
  if (last?.address === address) return last;
  const located = { ...principal, address };
  lastSeen.set(principal, located);
  return located;
}

/** Those of the scopes that a caller lacks. */
export function missingScopes(
  principal: Principal,
  required: readonly string[] | undefined,
): readonly string[] {
  const { scopes } = principal;
  if (required === undefined || scopes === undefined) return [];
  return required.filter((scope) => !scopes.has(scope));
}

/**
 * The caller without an end of the proof: for what outlives single requests, each of which brings a
 * proof of its own.
 */
export function lasting(principal: Principal): Principal {
  const { revocation: _revocation, ...rest } = principal;
  return { ...rest, expiresAtMs: undefined };
}

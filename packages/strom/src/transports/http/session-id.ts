const ID_BYTES = 24;

/** A session id nobody can guess: 192 random bits, in visible ASCII. */
export function newSessionId(prefix = ''): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

import { hash } from 'node:crypto';

/**
 * The id of a principal: a hash over parts that cannot run into each other, so that the same subject
 * of two issuers, or a key and a subject, never are the same caller.
 */
export function principalId(...parts: readonly string[]): string {
  const framed = parts.map((part) => `${part.length}:${part}`).join('');
  return hash('sha256', framed, 'base64url');
}

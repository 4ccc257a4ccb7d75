const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const DIGITS = 6;

/**
 * A short mark by which lines of the same caller are found, and from which the id cannot be had: 48
 * bits of whatever it was. Ids may be anything an authenticator calls its callers.
 */
export function fingerprint(id: string): string {
  let high = 0x243f6a88;
  let low = 0x85a308d3;
  for (let index = 0; index < id.length; index += 1) {
    const unit = id.charCodeAt(index);
    high = Math.imul(high ^ unit, PRIME_1);
    low = Math.imul(low ^ unit, PRIME_2);
    high ^= low >>> 13;
  }
  high = Math.imul(high ^ (high >>> 16), PRIME_2);
  low = Math.imul(low ^ (low >>> 15), PRIME_1) ^ high;
  return hex(high) + hex(low);
}

function hex(bits: number): string {
  return (bits >>> 8).toString(16).padStart(DIGITS, '0');
}

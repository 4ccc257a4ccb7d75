/**
 * What this process has learnt about servers: which era each URL speaks. Saves the failed attempts
 * of the next connection; a verdict that turns out wrong is forgotten.
 *
 * @module
 */
import type { Era } from './link.ts';

const MAX_ENTRIES = 256;
/** Servers are upgraded; after this long, the newest era is tried first again. */
const MAX_AGE_MS = 3_600_000;

const verdicts = new Map<string, { era: Era; untilMs: number }>();

function keyOf(url: URL): string {
  return url.origin + url.pathname;
}

/** The era a URL spoke last, if that is recent. */
export function knownEra(url: URL, nowMs: number): Era | undefined {
  const verdict = verdicts.get(keyOf(url));
  return verdict !== undefined && nowMs < verdict.untilMs ? verdict.era : undefined;
}

/** Remembers a verdict; the oldest one makes room. */
export function rememberEra(url: URL, era: Era, nowMs: number): void {
  const key = keyOf(url);
  verdicts.delete(key);
  verdicts.set(key, { era, untilMs: nowMs + MAX_AGE_MS });
  for (const oldest of verdicts.keys()) {
    if (verdicts.size <= MAX_ENTRIES) return;
    verdicts.delete(oldest);
  }
}

export function forgetEra(url: URL): void {
  verdicts.delete(keyOf(url));
}

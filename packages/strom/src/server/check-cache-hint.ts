import type { CacheHint } from '../protocol/call-event.ts';

/**
 * Takes a hint that clients can read, and none where nothing is set.
 *
 * @throws {TypeError} naming the setting: a time that JSON cannot tell or that is negative, or a scope
 * there is not
 */
export function checkCacheHint(setting: string, hint: CacheHint | undefined): void {
  if (hint === undefined) return;
  const { ttlMs, scope } = hint;
  if (!Number.isFinite(ttlMs) || ttlMs < 0) {
    throw new TypeError(`${setting}.ttlMs must be a number from 0 on`);
  }
  if (scope !== 'private' && scope !== 'public') {
    throw new TypeError(`${setting}.scope must be private or public`);
  }
}

import { closestMatch } from 'leven';

/** `Did you mean list?`, if one of the names is near enough to what was typed. */
export function suggest(typed: string, names: readonly string[]): string | undefined {
  const maxDistance = Math.max(1, Math.floor(typed.length * 0.4));
  const nearest = closestMatch(typed, names, { maxDistance });
  return nearest === undefined ? undefined : `Did you mean ${nearest}?`;
}

/** A time span: milliseconds, or a number with its unit, such as `'5s'`, `'1.5h'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * A duration in whole milliseconds.
 *
 * @param name - what to call the setting in the error
 * @throws {TypeError} for anything that is no time span of zero or more
 */
export function durationMs(value: Duration, name: string): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return Math.round(value);
  const match = typeof value === 'string' ? DURATION.exec(value) : null;
  if (match === null) {
    throw new TypeError(`${name} must be milliseconds or a text such as '5s', '10m', '1h'`);
  }
  return Math.round(Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN));
}

/** The eight severities of RFC 5424, least severe first. */
export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

const SEVERITY: ReadonlyMap<string, number> = new Map(
  LOG_LEVELS.map((level, index) => [level, index]),
);

/** Whether `value` is one of the eight level names. */
export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && SEVERITY.has(value);
}

/** Whether a message of `level` passes a reader that asked for `minimum` and above. */
export function isAtLeast(level: LogLevel, minimum: LogLevel): boolean {
  return (SEVERITY.get(level) ?? 0) >= (SEVERITY.get(minimum) ?? 0);
}

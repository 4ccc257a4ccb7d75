import { InvalidArgumentError } from 'commander';

const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/**
 * A time limit as people write it: `90` and `90s` are seconds, `500ms`, `5m`, `2h`; 0 is no limit.
 *
 * @returns milliseconds, `Infinity` for no limit
 * @throws {InvalidArgumentError} for anything else
 */
export function parseDuration(text: string): number {
  const [, figure, unit = 's'] = FORM.exec(text) ?? [];
  if (figure === undefined) throw new InvalidArgumentError('Write 90, 90s, 500ms, 5m or 2h.');
  const durationMs = Number(figure) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return durationMs === 0 ? Number.POSITIVE_INFINITY : durationMs;
}

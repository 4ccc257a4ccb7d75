/** The middle of the values; of an even number of them the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which `share` of the values lie, interpolated. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Rounds to significant digits, for people. */
export function significant(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

export interface RatioOfRounds {
  readonly ratio: number;
  readonly spread: readonly [lowest: number, highest: number];
  readonly rounds: number;
}

/** Compares two series round by round: what slows a round down slows both sides down. */
export function ratioOfRounds(ours: readonly number[], theirs: readonly number[]): RatioOfRounds {
  const ratios = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
  return {
    ratio: significant(median(ratios)),
    spread: [significant(Math.min(...ratios)), significant(Math.max(...ratios))],
    rounds: ratios.length,
  };
}

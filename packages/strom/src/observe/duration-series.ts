/** Upper bounds in seconds, as the conventions of OpenTelemetry for MCP want them. */
export const DURATION_BOUNDS: readonly number[] = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
];

export type Labels = Readonly<Record<string, string>>;

/** One row of a histogram. */
export class DurationSeries {
  readonly labels: Labels;
  /** How many were within each bound and above the one before; the last for all longer ones. */
  readonly counts: number[] = new Array(DURATION_BOUNDS.length + 1).fill(0);
  sum = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  observe(seconds: number): void {
    let bucket = 0;
    while (seconds > (DURATION_BOUNDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += seconds;
  }
}

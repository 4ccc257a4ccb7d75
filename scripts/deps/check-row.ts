export type CheckState = 'passed' | 'failed' | 'skipped' | 'noted';

/** One check, and what it found. */
export interface CheckRow {
  readonly check: string;
  readonly state: CheckState;
  /** The first is the sum of it. */
  readonly details: readonly string[];
}

interface Findings {
  /** What to say when nothing is wrong. */
  readonly good: string;
  readonly problems: readonly string[];
}

/** A check that fails if it found problems. */
export function row(check: string, { good, problems }: Findings): CheckRow {
  if (problems.length === 0) return { check, state: 'passed', details: [good] };
  return { check, state: 'failed', details: problems };
}

/** A check that could not be made, which is not the same as one that passed. */
export function skipped(check: string, reason: string): CheckRow {
  return { check, state: 'skipped', details: [reason] };
}

/** The rows as a table; further details of a check stand below its first one. */
export function renderRows(rows: readonly CheckRow[]): string {
  const width = Math.max(...rows.map(({ check }) => check.length));
  const lines = rows.flatMap(({ check, state, details }) =>
    details.map((detail, index) => {
      const [name, word] = index === 0 ? [check, state] : ['', ''];
      return `${name.padEnd(width)}  ${word.padEnd('skipped'.length)}  ${detail}`;
    }),
  );
  return lines.join('\n');
}

/** How many rows there are of each state. What was noted is for people to read, and no check that passed. */
export function sumOf(rows: readonly CheckRow[]): string {
  const countOf = (wanted: CheckState): number =>
    rows.filter(({ state }) => state === wanted).length;
  const states = ['passed', 'failed', 'skipped', 'noted'] as const;
  return states.map((state) => `${countOf(state)} ${state}`).join(', ');
}

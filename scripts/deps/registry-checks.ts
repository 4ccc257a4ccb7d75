/**
 * What a registry tells through npm. npm writes its errors where its reports go, so the shape decides:
 * what is no report was no check.
 *
 * @module
 */
import { type CheckRow, row, skipped } from './check-row.ts';

const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'] as const;
type Severity = (typeof SEVERITIES)[number];

interface AuditReport {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: Severity; readonly range: string }>
  >;
  readonly message?: string;
}

/** By package; npm puts an error among them. */
type OutdatedReport = Readonly<
  Record<string, { readonly current?: string; readonly latest?: string; readonly summary?: string }>
>;

export interface AuditCheck {
  readonly check: string;
  /** The least severe finding that fails the check. */
  readonly from: Severity;
}

/** @param output - what `npm audit --json` wrote */
export function readAudit(output: string, { check, from }: AuditCheck): CheckRow {
  const report = parse(output) as AuditReport | undefined;
  const { vulnerabilities } = report ?? {};
  if (vulnerabilities === undefined) return skipped(check, reasonOf(report?.message));
  const worst = SEVERITIES.indexOf(from);
  const all = Object.entries(vulnerabilities);
  const wrong = all.filter(([, { severity }]) => SEVERITIES.indexOf(severity) >= worst);
  return row(check, {
    good: `nothing ${from} or worse, ${all.length} below`,
    problems: wrong.map(([name, { severity, range }]) => `${name} ${range}: ${severity}`),
  });
}

/** @param output - what `npm outdated --json` wrote; nothing if all is new */
export function readOutdated(output: string): CheckRow {
  const check = 'outdated';
  const report = parse(output.trim() === '' ? '{}' : output) as OutdatedReport | undefined;
  const failure = report?.['error'];
  if (report === undefined || (failure !== undefined && failure.latest === undefined)) {
    return skipped(check, reasonOf(failure?.summary));
  }
  // New is not better by itself, and some newest lines need a newer Node: a person decides.
  const behind = Object.entries(report).map(
    ([name, { current, latest }]) =>
      `${name}: ${current ?? 'missing'}, latest ${latest ?? 'unknown'}`,
  );
  if (behind.length === 0) return row(check, { good: 'everything is new', problems: [] });
  return { check, state: 'noted', details: behind };
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    // No report: the caller says that nothing was checked.
    return undefined;
  }
}

function reasonOf(message: string | undefined): string {
  // What npm says may hold addresses of a registry; the kind of failure is enough.
  const [code] = /\b(E[A-Z]{3,}|[45]\d\d [A-Z][A-Za-z ]+)\b/.exec(message ?? '') ?? [];
  return `the registry gave no report${code === undefined ? '' : ` (${code.trim()})`}`;
}

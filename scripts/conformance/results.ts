import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** How many checks of a scenario ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly warnings: number;
  readonly skipped: number;
}

export interface ScenarioResult extends Counts {
  /** What failed or was warned of, one line each. */
  readonly complaints: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description?: string;
  readonly errorMessage?: string;
}

const CHECKS = '/checks.json';
/** The suite puts the time behind the name of a scenario's folder. */
const TIME = /-\d{4}-\d\d-\d\dT[\d-]+Z$/;
const MAX_COMPLAINT_CHARS = 200;

/**
 * Reads what a run of the suite left in its output folder. A scenario that broke off left nothing.
 *
 * @param prefix - what the suite puts in front of the scenario's name
 */
export async function readResults(
  folder: string,
  prefix: string,
): Promise<ReadonlyMap<string, ScenarioResult>> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const results = new Map<string, ScenarioResult>();
  for (const file of files.filter((name) => name.endsWith(CHECKS))) {
    const name = file.slice(0, -CHECKS.length).replace(TIME, '');
    const checks = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Check[];
    results.set(name.startsWith(prefix) ? name.slice(prefix.length) : name, tally(checks));
  }
  return results;
}

function tally(checks: readonly Check[]): ScenarioResult {
  const count = (status: Check['status']) =>
    checks.filter((check) => check.status === status).length;
  return {
    passed: count('SUCCESS'),
    failed: count('FAILURE'),
    warnings: count('WARNING'),
    skipped: count('SKIPPED'),
    complaints: checks
      .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
      .map(complaint),
  };
}

function complaint({ id, status, errorMessage, description = '' }: Check): string {
  const text = (errorMessage ?? description).replaceAll(/\s+/g, ' ');
  return `${status} ${id}: ${text.slice(0, MAX_COMPLAINT_CHARS)}`;
}

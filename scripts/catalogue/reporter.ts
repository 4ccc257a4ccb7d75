/** Prints, at the end of a run of many, which rows of the catalogue of faults ran, and which cannot. */
import type { Reporter, TestCase } from 'vitest/node';
import { renderHeld } from './base-line.ts';
import { type RowCounts, renderCatalogue } from './render.ts';
import { CATALOGUE, rowsOf } from './rows.ts';

/** A run of a few files is about something else. */
const MIN_ROWS = 20;

// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by the default export of its file
export default class CatalogueReporter implements Reporter {
  readonly #counts = new Map<string, RowCounts>();
  readonly #files = new Set<string>();

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'pending') return;
    const ids = new Set(suitesOf(test).flatMap(rowsOf));
    if (ids.size > 0) this.#files.add(test.module.relativeModuleId);
    for (const id of ids) {
      const counts = this.#counts.get(id) ?? { passed: 0, failed: 0, skipped: 0 };
      counts[state] += 1;
      this.#counts.set(id, counts);
    }
  }

  onTestRunEnd(): void {
    if (this.#counts.size < MIN_ROWS) return;
    console.log(`\n${renderCatalogue(CATALOGUE, this.#counts)}`);
    console.log(`${renderHeld([...this.#files].toSorted())}\n`);
  }
}

function suitesOf({ parent }: TestCase): string[] {
  const names: string[] = [];
  for (let suite = parent; suite.type === 'suite'; suite = suite.parent) names.push(suite.name);
  return names;
}

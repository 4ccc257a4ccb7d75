/** Names, at the end of a run, the tests that passed only when they were tried again. */
import type { Reporter, TestCase } from 'vitest/node';

// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by the default export of its file
export default class RetriedTests implements Reporter {
  readonly #names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return;
    this.#names.push(`${test.module.relativeModuleId}: ${test.fullName}`);
  }

  onTestRunEnd(): void {
    if (this.#names.length === 0) return;
    console.log(`\n${this.#names.length} passed only when tried again:`);
    for (const name of this.#names) console.log(`  ${name}`);
  }
}

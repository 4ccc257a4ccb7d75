// Prints the counts of a Vitest JSON report as one line. A file that could not be loaded, or a
// report that is not there, counts as a failure; so does a run without a single test.
import { readFileSync } from 'node:fs';

function countsOf(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    const empty = report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + empty.length,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch (error) {
    console.log(`no report of the tests: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const { passed, failed, skipped } = countsOf(process.argv[2]);
const nothing = passed + failed === 0 ? 1 : 0;
console.log(`${passed} passed, ${failed + nothing} failed, ${skipped} skipped`);

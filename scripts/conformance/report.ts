import { type Judged, setOf, type Verdict } from './judge.ts';
import { type Leg, REVISIONS } from './requirements.ts';

const MARKS = {
  pass: 'ok  ',
  fail: 'FAIL',
  skipped: 'skipped',
  'not yet': 'not yet',
  'unexpected pass': 'PASSES NOW',
} as const;

/** Prints every scenario, what is wrong with those that do not pass, and the totals. */
export function report(judged: readonly Judged[]): void {
  for (const set of new Set(judged.map(setOf))) {
    console.log(`\n${set}`);
    for (const scenario of judged.filter((one) => setOf(one) === set)) printScenario(scenario);
  }
  console.log('');
  console.log(totals(judged, 'server'));
  console.log(`${totals(judged, 'client')} (strict, without OAuth)`);
  const tasks = judged.filter(({ scenario }) => scenario.startsWith('tasks-'));
  const others = judged.filter((one) => !one.isScored && !tasks.includes(one));
  console.log(`not scored ${passing(others)}/${others.length}, tasks ${tasksTotal(tasks)}`);
  const count = (...verdicts: Verdict[]) =>
    judged.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const failed = count('fail', 'unexpected pass');
  console.log(`${count('pass')} passed, ${failed} failed, ${count('skipped', 'not yet')} skipped`);
}

function printScenario({ scenario, verdict, isScored, result, reasons }: Judged): void {
  const checks = `${result.passed}/${result.passed + result.failed}`;
  const note = isScored ? '' : ' (not scored)';
  console.log(`  ${MARKS[verdict].padEnd(10)} ${scenario.padEnd(46)} ${checks}${note}`);
  if (verdict === 'fail') for (const reason of reasons) console.log(`             ${reason}`);
  if (verdict === 'unexpected pass') console.log('             take it out of not-yet.json');
}

function passing(judged: readonly Judged[]): number {
  return judged.filter(({ verdict }) => verdict === 'pass' || verdict === 'unexpected pass').length;
}

function totals(judged: readonly Judged[], leg: Leg): string {
  const ofLeg = judged.filter((one) => one.leg === leg);
  const sets = REVISIONS.map((revision) => {
    const scored = ofLeg.filter((one) => one.isScored && one.revision === revision);
    return `${revision}: ${passing(scored)}/${scored.length}`;
  });
  const warnings = ofLeg.reduce((sum, { result }) => sum + result.warnings, 0);
  return `${leg} ${sets.join(', ')}, warnings ${warnings}`;
}

/** The suite always skips the scenario of status notifications; it is neither passed nor failed. */
function tasksTotal(tasks: readonly Judged[]): string {
  const run = tasks.filter(({ result }) => result.passed + result.failed > 0);
  const sum = (key: 'passed' | 'failed') =>
    tasks.reduce((total, { result }) => total + result[key], 0);
  const checks = `${sum('passed')}/${sum('passed') + sum('failed')} checks`;
  return `${passing(run)}/${run.length} (${checks})`;
}

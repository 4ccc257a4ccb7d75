import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Requirement } from './requirements.ts';
import type { ScenarioResult } from './results.ts';
import { ROOT } from './suite.ts';

/** Scenario names by set, such as `server 2026-07-28`. */
type BySet<Value> = Readonly<Record<string, Readonly<Record<string, Value>> | undefined>>;

/** What a run is measured against. */
export interface Expectations {
  /** Checks that must pass at least: what the official implementation reaches. */
  readonly anchors: BySet<number>;
  /** Scenarios that cannot pass yet, with the reason. */
  readonly notYet: BySet<string>;
}

/** `skipped` is a scenario of which the suite ran no check. */
export type Verdict = 'pass' | 'fail' | 'skipped' | 'not yet' | 'unexpected pass';

export interface Judged extends Requirement {
  readonly verdict: Verdict;
  readonly result: ScenarioResult;
  /** Why it is no pass. */
  readonly reasons: readonly string[];
}

const NOTHING: ScenarioResult = { passed: 0, failed: 0, warnings: 0, skipped: 0, complaints: [] };

async function readData<Value>(name: string): Promise<BySet<Value>> {
  const file = path.join(ROOT, 'packages/strom/test/conformance', name);
  return JSON.parse(await readFile(file, 'utf8')) as BySet<Value>;
}

export async function readExpectations(): Promise<Expectations> {
  return { anchors: await readData('anchors.json'), notYet: await readData('not-yet.json') };
}

/** The name of the set a scenario belongs to. */
export function setOf({ leg, revision }: Requirement): string {
  return `${leg} ${revision}`;
}

/**
 * Judges one scenario. Warnings count as failures, and so does a pass with fewer checks than the
 * official implementation has: a scenario may end early and still report no failure.
 *
 * @param exitCode - of the suite, where it ran this scenario alone
 */
export function judge(
  requirement: Requirement,
  outcome: { result: ScenarioResult | undefined; exitCode: number },
  expectations: Expectations,
): Judged {
  const set = setOf(requirement);
  const anchor = expectations.anchors[set]?.[requirement.scenario] ?? 0;
  const reasons = reasonsOf(outcome, anchor);
  const result = outcome.result ?? NOTHING;
  const isExpected = expectations.notYet[set]?.[requirement.scenario] === undefined;
  return {
    ...requirement,
    verdict: verdictOf(reasons.length === 0, isExpected, result),
    result,
    reasons,
  };
}

function verdictOf(passes: boolean, isExpected: boolean, result: ScenarioResult): Verdict {
  if (passes && result.passed === 0) return 'skipped';
  if (passes) return isExpected ? 'pass' : 'unexpected pass';
  return isExpected ? 'fail' : 'not yet';
}

function reasonsOf(
  { result, exitCode }: { result: ScenarioResult | undefined; exitCode: number },
  anchor: number,
): string[] {
  if (result === undefined) return ['the scenario broke off'];
  const reasons = [...result.complaints];
  if (result.passed < anchor) reasons.push(`${result.passed} checks passed, expected ${anchor}`);
  if (exitCode !== 0 && reasons.length === 0) reasons.push(`the suite exited with ${exitCode}`);
  return reasons;
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { SUITE_FOLDER } from './suite.ts';

/** The revisions the suite has a set of requirements for. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;

export type Revision = (typeof REVISIONS)[number];
export type Leg = 'server' | 'client';

export interface Requirement {
  readonly leg: Leg;
  readonly revision: Revision;
  readonly scenario: string;
  /** Whether the suite counts it; the others are pending, newer than the revision, or extensions. */
  readonly isScored: boolean;
}

interface RequirementFile {
  readonly server: readonly string[];
  readonly client: readonly string[];
  readonly not_scored: readonly { readonly scenario: string; readonly leg: Leg }[];
}

/** Every scenario of one leg of one revision, the scored ones first, in the suite's order. */
export async function requirementsOf(leg: Leg, revision: Revision): Promise<Requirement[]> {
  const text = await readFile(path.join(SUITE_FOLDER, 'requirements', `${revision}.yaml`), 'utf8');
  const file = parse(text) as RequirementFile;
  const others = file.not_scored.filter((entry) => entry.leg === leg);
  return [
    ...file[leg].map((scenario) => ({ leg, revision, scenario, isScored: true })),
    ...others.map(({ scenario }) => ({ leg, revision, scenario, isScored: false })),
  ];
}

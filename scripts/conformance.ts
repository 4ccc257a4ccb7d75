/**
 * Runs the official conformance suite against this project: the fixture server, then the client,
 * for both revisions the suite knows. Exits with 1 when a scenario fails that is expected to pass,
 * or passes that is listed in `not-yet.json`.
 *
 * Usage: `npm run conformance`. Results, logs and the bundled client are left in `.conformance/`.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { runConformanceServer } from '../packages/strom/test/conformance/server.ts';
import { type Expectations, type Judged, judge, readExpectations } from './conformance/judge.ts';
import { report } from './conformance/report.ts';
import {
  REVISIONS,
  type Requirement,
  type Revision,
  requirementsOf,
} from './conformance/requirements.ts';
import { readResults } from './conformance/results.ts';
import { OUT, ROOT, runSuite } from './conformance/suite.ts';

const SERVER_TIMEOUT_MS = '10000';
const CLIENT_TIMEOUT_MS = '30000';
const CLIENT = path.join(OUT, 'client.mjs');

async function judgeServer(revision: Revision, expectations: Expectations): Promise<Judged[]> {
  const set = `server-${revision}`;
  const folder = path.join(OUT, set);
  const server = await runConformanceServer();
  const target = ['--url', String(server.url), '--requirements', revision];
  const options = ['--timeout', SERVER_TIMEOUT_MS, '-o', folder];
  // The exit code says less than the results do: it leaves out warnings and early ends.
  await runSuite(['server', ...target, ...options], `${set}.log`);
  await server.close();
  const results = await readResults(folder, 'server-');
  return (await requirementsOf('server', revision)).map((requirement) => {
    const result = results.get(requirement.scenario);
    return judge(requirement, { result, exitCode: 0 }, expectations);
  });
}

/** One file without a loader, so that the suite's clock is not spent on starting the client. */
async function bundleClient(): Promise<void> {
  await build({
    entryPoints: [path.join(ROOT, 'packages/strom/test/conformance/client.ts')],
    outfile: CLIENT,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
  });
}

/** One scenario at a time: only then does the suite count warnings, time-outs and exit codes. */
async function judgeClient(requirement: Requirement, expectations: Expectations): Promise<Judged> {
  const { scenario, revision } = requirement;
  const set = `client-${revision}`;
  const folder = path.join(OUT, set);
  const command = `exec node ${path.relative(ROOT, CLIENT)}`;
  const target = ['--command', command, '--scenario', scenario, '--spec-version', revision];
  const options = ['--force', '--timeout', CLIENT_TIMEOUT_MS, '-o', folder];
  const exitCode = await runSuite(['client', ...target, ...options], `${set}-${scenario}.log`);
  const result = (await readResults(folder, '')).get(scenario);
  return judge(requirement, { result, exitCode }, expectations);
}

function needsOAuth({ scenario }: Requirement): boolean {
  return scenario.startsWith('auth/');
}

async function main(): Promise<void> {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT);
  const expectations = await readExpectations();
  const judged: Judged[] = [];
  for (const revision of REVISIONS) judged.push(...(await judgeServer(revision, expectations)));
  await bundleClient();
  for (const revision of REVISIONS) {
    const requirements = await requirementsOf('client', revision);
    for (const requirement of requirements.filter((one) => !needsOAuth(one))) {
      judged.push(await judgeClient(requirement, expectations));
    }
  }
  report(judged);
  const isWrong = ({ verdict }: Judged) => verdict === 'fail' || verdict === 'unexpected pass';
  if (judged.some(isWrong)) process.exitCode = 1;
}

await main();

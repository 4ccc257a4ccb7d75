import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestProcess } from '../harness/child-process.ts';
import { pidOfAny } from '../harness/lone-call.ts';
import { startTeam } from './support/team-process.ts';

const FAILING = '../serve/failing-workers-fixture.ts';
const PATIENCE = { timeout: 30_000, interval: 100 };
const TIMEOUT_MS = 60_000;

async function makeFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-team-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { folder, [Symbol.asyncDispose]: dispose };
}

/** The processes that answer, both at first and later whichever there are. */
async function pidsOf(url: string): Promise<ReadonlySet<number>> {
  const pids = new Set<number>();
  for (let call = 0; call < 4; call += 1) pids.add(await pidOfAny(url));
  return pids;
}

describe('workers that end', { timeout: TIMEOUT_MS }, () => {
  it('are replaced on the port that was told, also when all of them are killed at once', async () => {
    await using started = await startTeam();
    const { url } = started;
    const killed = await pidsOf(url);
    expect(killed.size).toBe(2);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await expect.poll(async () => (await pidsOf(url)).size, PATIENCE).toBe(2);
    expect([...(await pidsOf(url))].filter((pid) => killed.has(pid))).toEqual([]);
  });

  it('while they start are replaced as well', async () => {
    await using place = await makeFolder();
    const deadly = path.join(place.folder, 'deadly');
    await using started = await startTeam({ module: FAILING, args: [deadly] });
    const { url, team } = started;
    const [killed] = await pidsOf(url);
    await writeFile(deadly, '');
    process.kill(Number(killed), 'SIGKILL');
    await expect.poll(() => team.stderr, PATIENCE).toContain('could not be replaced');
    await expect.poll(async () => (await pidsOf(url)).size, PATIENCE).toBe(2);
  });

  it('are replaced once that is possible, where the machine starts no other at first', async () => {
    await using place = await makeFolder();
    const missing = path.join(place.folder, 'missing');
    const args = [path.join(place.folder, 'deadly'), missing];
    await using started = await startTeam({ module: FAILING, args });
    const { url, team } = started;
    const [killed] = await pidsOf(url);
    process.kill(Number(killed), 'SIGKILL');
    await expect.poll(() => team.stderr, PATIENCE).toContain('could not be replaced');
    team.write('\n');
    await expect.poll(async () => (await pidsOf(url)).size, PATIENCE).toBe(2);
  });

  it('before the team listens end all of it, with an error', async () => {
    await using place = await makeFolder();
    const deadly = path.join(place.folder, 'deadly');
    await writeFile(deadly, '');
    const team = new TestProcess(FAILING, [deadly]);
    expect(await team.exited).toBe(1);
  });
});

describe('the folder of a team', { timeout: TIMEOUT_MS }, () => {
  const foldersIn = async (folder: string): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith('strom-'));

  it.each(['SIGTERM', 'SIGKILL'] as const)('is not left behind: %s', async (signal) => {
    await using place = await makeFolder();
    const env = { TMPDIR: place.folder };
    const team = new TestProcess('../serve/workers-fixture.ts', [], { env });
    await team.line();
    expect(await foldersIn(place.folder)).toHaveLength(1);
    team.child.kill(signal);
    await team.exited;
    await expect.poll(() => foldersIn(place.folder), PATIENCE).toEqual([]);
  });

  it('is not left behind by a team that is told to leave as it starts, which is no error', async () => {
    await using place = await makeFolder();
    const env = { TMPDIR: place.folder };
    const team = new TestProcess('../serve/slow-workers-fixture.ts', [], { env });
    expect(await team.line()).toBe('starting');
    team.child.kill('SIGTERM');
    expect(await team.exited).toBe(0);
    expect(await foldersIn(place.folder)).toEqual([]);
  });
});

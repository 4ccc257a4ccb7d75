import { describe, expect, it } from 'vitest';
import { pidOfAny } from '../harness/lone-call.ts';
import { startTeam } from './support/team-process.ts';

async function bothPids(url: string): Promise<[number, number]> {
  const pids = new Set<number>();
  while (pids.size < 2) pids.add(await pidOfAny(url));
  return [...pids] as [number, number];
}

/** Calls of which one alone is not answered: the worker that is stopped was given its connection. */
async function callAllBut(stopped: number, url: string): Promise<Promise<number>[]> {
  process.kill(stopped, 'SIGSTOP');
  const calls = Array.from({ length: 20 }, () => pidOfAny(url));
  let left = calls.length;
  await new Promise<void>((resolve, reject) => {
    const count = (): void => {
      left -= 1;
      if (left === 1) resolve();
    };
    for (const call of calls) call.then(count, reject);
  });
  return calls;
}

describe('a connection given to a worker that is killed before it takes it', () => {
  it('is answered by another worker', async () => {
    await using team = await startTeam();
    const [stopped, other] = await bothPids(team.url);
    const calls = await callAllBut(stopped, team.url);
    process.kill(stopped, 'SIGKILL');
    expect(new Set(await Promise.all(calls))).toEqual(new Set([other]));
  });

  it('is closed where no other worker listens', async () => {
    await using team = await startTeam();
    const [stopped, other] = await bothPids(team.url);
    const calls = await callAllBut(stopped, team.url);
    const ended = Promise.allSettled(calls);
    for (const pid of [other, stopped]) process.kill(pid, 'SIGKILL');
    expect((await ended).filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});

/** That harm is noticed, so that its absence in the other suites means something. */
import { describe, expect, it } from 'vitest';
import { startVictim, type Victim } from '../faults/support/victim.ts';
import { modernCall } from './mcp-request.ts';
import { RawConnection } from './raw-http.ts';

const PATIENCE_MS = 300;

/** What is noticed after an attack; the process is not used again. */
async function noticed(attack: (victim: Victim) => Promise<unknown>): Promise<string[]> {
  const victim = await startVictim();
  await attack(victim);
  const harm = await victim.harm(PATIENCE_MS);
  await victim.process[Symbol.asyncDispose]();
  return harm;
}

async function leak(victim: Victim, what: string): Promise<void> {
  await victim.send(modernCall('leak', { what })).catch(() => undefined);
}

describe('harm to a server', () => {
  it('is none after a thousand plain calls', async () => {
    await using victim = await startVictim();
    for (let count = 0; count < 1000; count += 1) await victim.checkAlive();
    expect(await victim.harm()).toEqual([]);
  });

  it('is noticed: a connection that stays open', async () => {
    await using victim = await startVictim();
    await using _open = await RawConnection.open(victim.port);
    const harm = (await victim.harm(PATIENCE_MS)).join();
    expect(harm).toMatch(/emitters of Socket: 1 instead of 0,descriptors: \d+ instead of \d+/);
  });

  it('is noticed: one thing more of any kind that is counted, and memory', async () => {
    const kinds = ['targetListeners', 'timers', 'longLivedListeners', 'prototypeKeys', 'memory'];
    const harm = await noticed(async (victim) => {
      for (const kind of kinds) await leak(victim, kind);
    });
    expect(harm.map((each) => each.split(':')[0])).toEqual(kinds);
  });

  it('is noticed: a process that is busy with something else again and again', async () => {
    const harm = await noticed((victim) => leak(victim, 'turns'));
    expect(harm[0]).toContain('a plain call takes');
  });

  it('is noticed: a process that has ended', async () => {
    const harm = await noticed((victim) => leak(victim, 'exit'));
    expect(harm[0]).toContain('has ended');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySessionStore } from '../../src/session/memory-session-store.ts';
import { SessionClaims } from '../../src/session/session-claims.ts';
import type { SessionStore } from '../../src/session/session-store.ts';

const SESSION = 'session';
const OPENER = 'opener';

async function storeWithSession(): Promise<MemorySessionStore> {
  const store = new MemorySessionStore();
  await store.saveSession({ id: SESSION, owner: 'o', facts: '{}', expiresAtMs: Number.MAX_VALUE });
  return store;
}

/** The same store, whose operations take place when the schedule says so. */
function scheduled(store: SessionStore, schedule: fc.Scheduler): SessionStore {
  const at = <T>(work: () => Promise<T>): Promise<T> =>
    schedule.schedule(Promise.resolve()).then(work);
  return {
    ...({} as SessionStore),
    saveStream: (...how) => at(() => store.saveStream(...how)),
    append: (...how) => at(() => store.append(...how)),
    read: (...how) => at(() => store.read(...how)),
  };
}

describe('SessionClaims', () => {
  it('gives each claim a generation of its own', async () => {
    const store = await storeWithSession();
    const generations: number[] = [];
    for (const self of ['a', 'b', 'b', 'a']) {
      const claimed = await new SessionClaims(store, self).claim(SESSION, OPENER, async () => true);
      if (claimed.isMine) generations.push(claimed.generation);
    }
    expect(generations).toEqual([1, 2, 3, 4]);
  });

  it('names the holder while it lives, and tells it when it is one no more', async () => {
    const store = await storeWithSession();
    const [a, b] = [new SessionClaims(store, 'a'), new SessionClaims(store, 'b')];
    const first = await a.claim(SESSION, OPENER, async () => true);
    expect(await b.claim(SESSION, OPENER, async () => false)).toEqual({
      isMine: false,
      holder: 'a',
    });
    expect(await a.isCurrent(SESSION, first.isMine ? first.generation : -1)).toBe(true);
    await b.claim(SESSION, OPENER, async () => true);
    expect(await a.isCurrent(SESSION, first.isMine ? first.generation : -1)).toBe(false);
  });

  it('never lets two hold a session, whatever overtakes what', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (schedule, comesBack) => {
        const store = scheduled(await storeWithSession(), schedule);
        let isAlive = false;
        const isGone = async (holder: string): Promise<boolean> => {
          await schedule.schedule(Promise.resolve());
          return holder === OPENER && !isAlive;
        };
        const claims = ['a', 'b', 'c'].map((self) =>
          new SessionClaims(store, self).claim(SESSION, OPENER, isGone),
        );
        const comeBack = async (): Promise<boolean> => {
          if (!comesBack) return false;
          await schedule.schedule(Promise.resolve());
          isAlive = true;
          return new SessionClaims(store, OPENER).isCurrent(SESSION, 0);
        };
        const back = comeBack();
        await schedule.waitFor(Promise.all([...claims, back]));
        const holders = (await Promise.all(claims)).filter(({ isMine }) => isMine).length;
        expect(holders + ((await back) ? 1 : 0)).toBeLessThanOrEqual(1);
        if (!comesBack) expect(holders).toBe(1);
      }),
      { numRuns: 500 },
    );
  });
});

import assert from 'node:assert/strict';
import { rejectsWith, textsOf } from './expectations.ts';
import { LEASE, ROOM, type StageCases } from './stage.ts';

export const CLOSING: StageCases = {
  'nothing is done after the end': async (stage) => {
    const { store } = stage;
    const { id, claim } = await stage.claimed();
    const task = stage.newTask();
    await store.close();
    const session = { id: 's', owner: 'o', facts: '', expiresAtMs: 0 };
    const late: (() => Promise<unknown>)[] = [
      () => store.create(task, ROOM),
      () => store.get(id),
      () => store.append(id, claim.fence, ['late']),
      () => store.read(id, 0),
      () => store.claim({ lease: LEASE, kinds: ['kind'] }),
      () => store.heartbeat(id, claim.fence, 1000),
      () => store.release(id, claim.fence),
      () => store.finish(id, claim.fence, { phase: 'failed', end: [''] }, []),
      () => store.cancel(id, ''),
      () => store.answer(id, [{ key: '', answer: '', event: '' }]),
      () => store.counts(),
      () => store.purge(1),
      () => store.saveSession(session),
      () => store.session('s'),
      () => store.deleteSession('s'),
      () => store.saveStream('s', { id: '', facts: '' }),
      () => store.streams('s'),
      () => store.deleteStream('s', ''),
    ];
    for (const call of late) await rejectsWith('ERR_STORE', call());
  },

  'a store may be closed twice': async ({ store }) => {
    await Promise.all([store.close(), store.close()]);
    await store.close();
  },

  'what was asked before is written first': async (stage) => {
    const { id, claim } = await stage.claimed();
    const written = stage.store.append(id, claim.fence, ['a', 'b']);
    await stage.store.close();
    assert.equal(await written, 2);
    const again = await stage.again();
    if (again !== undefined) assert.deepEqual(textsOf(await again.read(id, 0)), ['a', 'b']);
  },
};

import assert from 'node:assert/strict';
import { range, rejectsWith } from './expectations.ts';
import { LEASE, ROOM, type StageCases } from './stage.ts';

export const PURGING: StageCases = {
  'what has expired goes, what has not stays': async (stage) => {
    const nowMs = stage.clock.now();
    const gone = await stage.claimed({ expiresAtMs: nowMs + 1000 });
    const later = await stage.waiting({ expiresAtMs: nowMs + 9000 });
    const never = await stage.waiting({ expiresAtMs: undefined });
    await stage.store.append(gone.id, gone.claim.fence, ['a'], { checkpoint: { a: '1' } });
    assert.equal(await stage.store.purge(100), 0);
    stage.advance(1001);
    assert.equal((await stage.store.get(gone.id))?.id, gone.id);
    assert.equal(await stage.store.purge(100), 1);
    assert.equal(await stage.store.get(gone.id), undefined);
    assert.deepEqual(await stage.store.read(gone.id, 0), []);
    await rejectsWith('ERR_TASK_FENCED', stage.store.append(gone.id, gone.claim.fence, ['b']));
    for (const id of [later, never]) assert.equal((await stage.store.get(id))?.id, id);
  },

  'those that expired first go first, a few at once': async (stage) => {
    const nowMs = stage.clock.now();
    const ids: string[] = [];
    for (const age of range(1, 5)) ids.push(await stage.waiting({ expiresAtMs: nowMs - age }));
    const left = async () => {
      const tasks = await Promise.all(ids.map((id) => stage.store.get(id)));
      return tasks.filter((task) => task !== undefined).map(({ id }) => id);
    };
    assert.equal(await stage.store.purge(2), 2);
    assert.deepEqual(await left(), ids.slice(0, 3));
    assert.equal(await stage.store.purge(2), 2);
    assert.equal(await stage.store.purge(2), 1);
    assert.equal(await stage.store.purge(2), 0);
  },

  'what is gone is neither counted, claimed nor joined': async (stage) => {
    const idempotency = { key: 'same', notBeforeMs: 0 };
    await stage.waiting({ expiresAtMs: stage.clock.now() - 1, idempotency });
    await stage.store.purge(10);
    assert.equal((await stage.store.counts()).open, 0);
    assert.equal(await stage.store.claim({ lease: LEASE, kinds: ['kind'] }), undefined);
    const limits = { maxPerOwner: 1, maxInAll: 1 };
    assert.equal((await stage.store.create(stage.newTask({ idempotency }), limits)).isNew, true);
  },

  'a task of an id that was deleted begins at 1 again': async (stage) => {
    const old = await stage.claimed({ expiresAtMs: stage.clock.now() - 1 });
    await stage.store.append(old.id, old.claim.fence, ['old', 'old']);
    await stage.store.purge(10);
    const task = stage.newTask({ id: old.id });
    const created = await stage.store.create(task, { ...ROOM, lease: LEASE });
    assert.ok(created.isNew && created.claim !== undefined);
    assert.equal(await stage.store.append(task.id, created.claim.fence, ['new']), 1);
    assert.deepEqual(await stage.store.read(task.id, 0), [{ seq: 1, text: 'new' }]);
  },

  'sessions go with their streams': async (stage) => {
    const { store } = stage;
    const expiresAtMs = stage.clock.now() + 1000;
    await store.saveSession({ id: 'short', owner: 'o', facts: '{}', expiresAtMs });
    await store.saveSession({ id: 'long', owner: 'o', facts: '{}', expiresAtMs: expiresAtMs * 2 });
    await store.saveStream('short', { id: 'stream', facts: '{}' });
    stage.advance(1001);
    assert.equal(await store.purge(10), 1);
    assert.equal(await store.session('short'), undefined);
    assert.deepEqual(await store.streams('short'), []);
    assert.equal((await store.session('long'))?.id, 'long');
  },
};

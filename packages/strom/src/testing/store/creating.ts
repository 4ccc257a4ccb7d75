import assert from 'node:assert/strict';
import { piecesOf, rejectsWith } from './expectations.ts';
import { LEASE, ROOM, type StageCases } from './stage.ts';

const SAME = { key: 'same work', notBeforeMs: 0 };

export const CREATING: StageCases = {
  'a task is kept as it was given': async (stage) => {
    const request = '{"text":"ü 🙂 \\u0000"}';
    const task = stage.newTask({ request, expiresAtMs: stage.clock.now() + 1000 });
    const created = await stage.store.create(task, ROOM);
    assert.equal(created.isNew, true);
    const { checkpoint: _checkpoint, answers: _answers, ...facts } = task;
    const expected = {
      ...facts,
      phase: 'open',
      message: undefined,
      updatedAtMs: task.createdAtMs,
      end: undefined,
      isCancelRequested: false,
      questions: {},
      attempt: 0,
      seq: 0,
    };
    assert.deepEqual(created.task, expected);
    assert.deepEqual(await stage.store.get(task.id), expected);
  },

  'an id nobody has made names no task': async ({ store }) => {
    assert.equal(await store.get('unknown'), undefined);
  },

  'a task may be claimed with it, and is begun then': async (stage) => {
    const task = stage.newTask({ checkpoint: { step: '1' }, answers: { name: '"a"' } });
    const created = await stage.store.create(task, { ...ROOM, lease: LEASE });
    assert.ok(created.isNew && created.claim !== undefined);
    assert.deepEqual(created.claim.checkpoint, { step: '1' });
    assert.deepEqual(created.claim.answers, { name: '"a"' });
    assert.equal(created.claim.task.attempt, 1);
    assert.equal(await stage.store.claim({ lease: LEASE, kinds: ['kind'] }), undefined);
  },

  'the open tasks of an owner are limited': async (stage) => {
    const limits = { maxPerOwner: 1, maxInAll: 10 };
    const { claim, id } = await stage.claimed();
    await rejectsWith('ERR_TASK_LIMIT', stage.store.create(stage.newTask(), limits));
    await stage.store.create(stage.newTask({ owner: 'another' }), limits);
    await stage.store.finish(id, claim.fence, { phase: 'completed', end: ['{}'] }, []);
    await stage.store.create(stage.newTask(), limits);
  },

  'all open tasks are limited': async (stage) => {
    const limits = { maxPerOwner: 10, maxInAll: 2 };
    await stage.waiting({ owner: 'one' });
    await stage.waiting({ owner: 'two' });
    const third = stage.newTask({ owner: 'three' });
    await rejectsWith('ERR_TASK_LIMIT', stage.store.create(third, limits));
    assert.equal(await stage.store.get(third.id), undefined);
  },

  'the same work is not begun twice': async (stage) => {
    const first = await stage.claimed({ idempotency: SAME });
    const second = stage.newTask({ idempotency: SAME });
    const joined = await stage.store.create(second, { maxPerOwner: 1, maxInAll: 1, lease: LEASE });
    assert.equal(joined.isNew, false);
    assert.equal(joined.task.id, first.id);
    assert.equal(await stage.store.get(second.id), undefined);
  },

  'work that has ended is joined too': async (stage) => {
    const { id, claim } = await stage.claimed({ idempotency: SAME });
    await stage.store.finish(id, claim.fence, { phase: 'completed', end: ['{"a":1}'] }, []);
    const joined = await stage.store.create(stage.newTask({ idempotency: SAME }), ROOM);
    assert.equal(joined.isNew, false);
    assert.deepEqual(piecesOf(joined.task), ['{"a":1}']);
  },

  'the key of another owner is another key': async (stage) => {
    await stage.waiting({ idempotency: SAME, owner: 'one' });
    const other = stage.newTask({ idempotency: SAME, owner: 'two' });
    assert.equal((await stage.store.create(other, ROOM)).isNew, true);
  },

  'work that is older than asked is begun anew': async (stage) => {
    const old = await stage.waiting({ idempotency: SAME });
    stage.advance(1000);
    const idempotency = { ...SAME, notBeforeMs: stage.clock.now() };
    const renewed = stage.newTask({ idempotency });
    assert.equal((await stage.store.create(renewed, ROOM)).isNew, true);
    const joined = await stage.store.create(stage.newTask({ idempotency }), ROOM);
    assert.equal(joined.task.id, renewed.id);
    assert.notEqual(joined.task.id, old);
  },

  'work whose time is over is begun anew': async (stage) => {
    await stage.waiting({ idempotency: SAME, expiresAtMs: stage.clock.now() + 1000 });
    stage.advance(1000);
    const renewed = stage.newTask({ idempotency: SAME });
    assert.equal((await stage.store.create(renewed, ROOM)).isNew, true);
    const joined = await stage.store.create(stage.newTask({ idempotency: SAME }), ROOM);
    assert.equal(joined.task.id, renewed.id);
  },

  'of many who begin the same work at once, one does': async (stage) => {
    const created = await Promise.all(
      Array.from({ length: 20 }, () =>
        stage.store.create(stage.newTask({ idempotency: SAME }), ROOM),
      ),
    );
    assert.equal(created.filter(({ isNew }) => isNew).length, 1);
    assert.equal(new Set(created.map(({ task }) => task.id)).size, 1);
  },
};

import assert from 'node:assert/strict';
import type { Store } from '../../server/store.ts';
import { STREAM_FENCE, streamJournal } from '../../session/session-store.ts';
import { follow, range, rejectsWith, soon, textsOf } from './expectations.ts';
import { LEASE, ROOM, type Stage, type StageCases } from './stage.ts';

const ANY = { lease: LEASE, kinds: ['kind'] } as const;

/** A case with two processes, which says nothing of a store that cannot be shared. */
function shared(body: (stage: Stage, other: Store) => Promise<void>) {
  return async (stage: Stage): Promise<void> => {
    const other = await stage.again();
    if (other !== undefined) await body(stage, other);
  };
}

export const SHARING: StageCases = {
  'what one has written another reads': shared(async (stage, other) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['a'], { message: 'm' });
    assert.deepEqual(await other.get(id), await stage.store.get(id));
    assert.deepEqual(textsOf(await other.read(id, 0)), ['a']);
  }),

  'what one writes another follows': shared(async (stage, other) => {
    const { id, claim } = await stage.claimed();
    const followed = follow(other, id, { count: 200 });
    for (const number of range(1, 200)) {
      const written = stage.store.append(id, claim.fence, [String(number)]);
      if (number % 3 === 0) await written;
    }
    assert.deepEqual(textsOf(await followed), range(1, 200).map(String));
  }),

  'both may tell in the journal of one task': shared(async (stage, other) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['asked'], { questions: { q: '1' } });
    const followed = follow(stage.store, id, { count: 3 });
    await other.answer(id, [{ key: 'q', answer: '1', event: 'answered' }]);
    await other.cancel(id, 'cancel');
    assert.equal(await stage.store.append(id, claim.fence, ['d']), 4);
    assert.deepEqual(textsOf(await followed).slice(0, 3), ['asked', 'answered', 'cancel']);
    assert.deepEqual(
      (await other.read(id, 0)).map(({ seq }) => seq),
      range(1, 4),
    );
  }),

  'one task is claimed by one of them': shared(async (stage, other) => {
    const count = 40;
    for (const _ of range(1, count)) await stage.waiting();
    const claims = await Promise.all(
      range(1, count).map((number) => (number % 2 === 0 ? stage.store : other).claim(ANY)),
    );
    const ids = new Set(claims.map((claim) => claim?.task.id));
    assert.equal(ids.size, count);
  }),

  'who lost a task to another process writes nothing any more': shared(async (stage, other) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['a']);
    stage.advance(LEASE.durationMs + 1);
    const taken = await other.claim(ANY);
    assert.equal(taken?.task.id, id);
    await rejectsWith('ERR_TASK_FENCED', stage.store.append(id, claim.fence, ['late']));
    const end = { phase: 'completed', end: ['{}'] } as const;
    await rejectsWith('ERR_TASK_FENCED', stage.store.finish(id, claim.fence, end, ['late']));
    assert.equal(await other.append(id, taken?.fence ?? 0, ['b']), 2);
  }),

  'one hears of what another leaves to be claimed': shared(async (stage, other) => {
    let stop: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => {
      stop = other.onClaimable(resolve);
    });
    await stage.waiting();
    await soon(heard, 'the other process was not told');
    stop();
  }),

  'a tail ends when another process deletes the task': shared(async (stage, other) => {
    const { id } = await stage.claimed({ expiresAtMs: stage.clock.now() - 1 });
    const followed = follow(stage.store, id, { count: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    await other.purge(10);
    assert.deepEqual(await soon(followed, 'the tail goes on'), []);
  }),

  'the same work is not begun twice by two': shared(async (stage, other) => {
    const idempotency = { key: 'same', notBeforeMs: 0 };
    const created = await Promise.all(
      [stage.store, other].map((store) => store.create(stage.newTask({ idempotency }), ROOM)),
    );
    assert.equal(created.filter(({ isNew }) => isNew).length, 1);
  }),

  'a session goes on in another process': shared(async (stage, other) => {
    const session = { id: 's', owner: 'o', facts: '{}', expiresAtMs: stage.clock.now() + 1000 };
    await stage.store.saveSession(session);
    await stage.store.saveStream('s', { id: 't', facts: '{}' });
    const name = streamJournal('s', 't');
    await stage.store.append(name, STREAM_FENCE, ['a']);
    assert.deepEqual(await other.session('s'), session);
    assert.equal(await other.append(name, STREAM_FENCE, ['b']), 2);
    assert.equal(await stage.store.append(name, STREAM_FENCE, ['c']), 3);
  }),
};

import assert from 'node:assert/strict';
import { piecesOf, rejectsWith, textsOf } from './expectations.ts';
import type { StageCases } from './stage.ts';

export const FINISHING: StageCases = {
  'a task ends with its last events, and without its questions': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['a'], { message: 'm', questions: { q: '1' } });
    stage.advance(1000);
    const end = { phase: 'completed', end: ['{"r":1}'] } as const;
    await stage.store.finish(id, claim.fence, end, ['b', 'c']);
    const ended = (await stage.store.get(id)) ?? claim.task;
    const { updatedAtMs, end: _, ...task } = ended;
    const { updatedAtMs: madeAtMs, end: __, ...made } = claim.task;
    assert.deepEqual(task, { ...made, phase: 'completed', message: 'm', seq: 3 });
    assert.deepEqual(piecesOf(ended), ['{"r":1}']);
    assert.ok(updatedAtMs >= madeAtMs + 1000, 'the time of the change was not kept');
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), ['a', 'b', 'c']);
  },

  'an end in pieces, made when they are taken, comes back in the same ones': async (stage) => {
    const { id, claim } = await stage.claimed();
    const pieces = Array.from({ length: 20 }, (_, index) => `piece ${index} `.repeat(1000));
    const end = { [Symbol.iterator]: () => pieces.values() };
    await stage.store.finish(id, claim.fence, { phase: 'completed', end }, []);
    const { end: kept = [] } = (await stage.store.get(id)) ?? claim.task;
    for (const again of [false, true]) {
      assert.deepEqual([...kept], pieces, again ? 'the end cannot be read twice' : undefined);
    }
  },

  'the message of the end replaces the last one': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, [], { message: 'half' });
    const end = { phase: 'failed', end: ['{}'], message: 'broken' } as const;
    await stage.store.finish(id, claim.fence, end, []);
    assert.equal((await stage.store.get(id))?.message, 'broken');
  },

  'an end never changes': async (stage) => {
    const { id, claim } = await stage.claimed();
    const end = { phase: 'completed', end: ['"first"'] } as const;
    const results = await Promise.allSettled([
      stage.store.finish(id, claim.fence, end, ['first']),
      stage.store.finish(id, claim.fence, { phase: 'failed', end: ['"second"'] }, ['second']),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    const ended = await stage.store.get(id);
    await stage.store.cancel(id, 'cancel');
    await rejectsWith('ERR_TASK_FENCED', stage.store.append(id, claim.fence, [], { message: 'x' }));
    assert.deepEqual(await stage.store.get(id), ended);
    assert.deepEqual(piecesOf(ended), ['"first"']);
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), ['first']);
  },

  'to cancel is asked once, and leaves the rest to who works on it': async (stage) => {
    const { id, claim } = await stage.claimed();
    await Promise.all([stage.store.cancel(id, 'cancel 1'), stage.store.cancel(id, 'cancel 2')]);
    await stage.store.cancel('unknown', 'cancel');
    const task = await stage.store.get(id);
    assert.deepEqual([task?.isCancelRequested, task?.phase], [true, 'open']);
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), ['cancel 1']);
    await stage.store.finish(id, claim.fence, { phase: 'cancelled', end: ['{}'] }, []);
    assert.equal((await stage.store.get(id))?.phase, 'cancelled');
  },

  'a task that waits can be cancelled, and is claimed as such': async (stage) => {
    const id = await stage.waiting();
    await stage.store.cancel(id, 'cancel');
    const claim = await stage.store.claim({
      lease: { holder: 'h', durationMs: 1000 },
      kinds: ['kind'],
    });
    assert.equal(claim?.task.id, id);
    assert.equal(claim?.task.isCancelRequested, true);
  },

  'tasks are counted by phase': async (stage) => {
    assert.deepEqual(await stage.store.counts(), {
      open: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
    });
    await stage.waiting();
    await stage.claimed();
    for (const phase of ['completed', 'completed', 'failed'] as const) {
      const { id, claim } = await stage.claimed();
      await stage.store.finish(id, claim.fence, { phase, end: ['{}'] }, []);
    }
    assert.deepEqual(await stage.store.counts(), {
      open: 2,
      completed: 2,
      failed: 1,
      cancelled: 0,
    });
  },
};

import assert from 'node:assert/strict';
import { piecesOf, rejectsWith, textsOf } from './expectations.ts';
import { LEASE, type Stage, type StageCases } from './stage.ts';

const END = { phase: 'completed', end: ['{"late":true}'] } as const;

/** Everything a process may try under a fence that is void. */
async function assertRefused({ store }: Stage, id: string, fence: number): Promise<void> {
  await rejectsWith('ERR_TASK_FENCED', store.append(id, fence, ['late']));
  await rejectsWith('ERR_TASK_FENCED', store.append(id, fence, [], { checkpoint: { a: '1' } }));
  await rejectsWith('ERR_TASK_FENCED', store.heartbeat(id, fence, 1000));
  await rejectsWith('ERR_TASK_FENCED', store.finish(id, fence, END, ['late']));
}

export const FENCING: StageCases = {
  'who lost a task to another writes nothing any more': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['in time']);
    stage.advance(LEASE.durationMs + 1);
    const taken = await stage.store.claim({ lease: LEASE, kinds: ['kind'] });
    assert.equal(taken?.task.id, id);
    assert.ok((taken?.fence ?? 0) > claim.fence, 'the fence did not grow');
    await assertRefused(stage, id, claim.fence);
    await stage.store.append(id, taken?.fence ?? 0, ['by the next']);
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), ['in time', 'by the next']);
    assert.equal((await stage.store.get(id))?.phase, 'open');
  },

  'a lease that ran out is good until another claims the task': async (stage) => {
    const { id, claim } = await stage.claimed();
    stage.advance(LEASE.durationMs + 1);
    await stage.store.append(id, claim.fence, ['late, but nobody minds']);
    await stage.store.heartbeat(id, claim.fence, LEASE.durationMs);
    assert.equal(await stage.store.claim({ lease: LEASE, kinds: ['kind'] }), undefined);
  },

  'who gave a task back writes nothing any more': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.release(id, claim.fence);
    await assertRefused(stage, id, claim.fence);
  },

  'who lost a task cannot give it back': async (stage) => {
    const { id, claim } = await stage.claimed();
    stage.advance(LEASE.durationMs + 1);
    const taken = await stage.store.claim({ lease: LEASE, kinds: ['kind'] });
    await stage.store.release(id, claim.fence);
    assert.equal(await stage.store.claim({ lease: LEASE, kinds: ['kind'] }), undefined);
    await stage.store.heartbeat(id, taken?.fence ?? 0, 1000);
  },

  'nobody writes to a task that nobody has claimed': async (stage) => {
    const id = await stage.waiting();
    for (const fence of [0, 1]) await assertRefused(stage, id, fence);
  },

  'nobody writes to a task that has ended, or is none': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.finish(id, claim.fence, { phase: 'failed', end: ['{}'] }, ['end']);
    await assertRefused(stage, id, claim.fence);
    await assertRefused(stage, 'unknown', 1);
    await stage.store.release('unknown', 1);
    assert.deepEqual(piecesOf(await stage.store.get(id)), ['{}']);
  },
};

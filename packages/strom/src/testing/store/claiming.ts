import assert from 'node:assert/strict';
import { range, soon } from './expectations.ts';
import { LEASE, type StageCases } from './stage.ts';

const ANY = { lease: LEASE, kinds: ['kind'] } as const;

export const CLAIMING: StageCases = {
  'the oldest is claimed first, each once': async (stage) => {
    const ids: string[] = [];
    for (const _ of range(1, 3)) ids.push(await stage.waiting());
    const claimed = await Promise.all(range(1, 4).map(() => stage.store.claim(ANY)));
    assert.deepEqual(
      claimed.map((claim) => claim?.task.id),
      [...ids, undefined],
    );
  },

  'a claim has the record, the values and the answers': async (stage) => {
    const id = await stage.waiting({ checkpoint: { a: '1' }, answers: { b: '2' } });
    const claim = await stage.store.claim(ANY);
    assert.deepEqual(claim?.task, await stage.store.get(id));
    assert.equal(claim?.task.attempt, 1);
    assert.deepEqual([claim?.checkpoint, claim?.answers], [{ a: '1' }, { b: '2' }]);
  },

  'only kinds that are known are claimed': async (stage) => {
    await stage.waiting({ kind: 'other' });
    const id = await stage.waiting({ kind: 'known' });
    assert.equal(await stage.store.claim({ lease: LEASE, kinds: [] }), undefined);
    const claim = await stage.store.claim({ lease: LEASE, kinds: ['strange', 'known'] });
    assert.equal(claim?.task.id, id);
  },

  'one task may be asked for': async (stage) => {
    await stage.waiting();
    const id = await stage.waiting();
    assert.equal((await stage.store.claim({ ...ANY, id }))?.task.id, id);
    assert.equal(await stage.store.claim({ ...ANY, id }), undefined);
    assert.equal(await stage.store.claim({ ...ANY, id: 'unknown' }), undefined);
  },

  'a task that is held is claimed when its lease has run out, and counted again': async (stage) => {
    const { id } = await stage.claimed();
    stage.advance(LEASE.durationMs - 1000);
    assert.equal(await stage.store.claim(ANY), undefined);
    stage.advance(1001);
    const claim = await stage.store.claim(ANY);
    assert.equal(claim?.task.id, id);
    assert.equal(claim?.task.attempt, 2);
  },

  'one whose lease ran out comes before those made later': async (stage) => {
    const { id } = await stage.claimed();
    await stage.waiting();
    stage.advance(LEASE.durationMs + 1);
    assert.equal((await stage.store.claim(ANY))?.task.id, id);
  },

  'a heartbeat holds a task for another while': async (stage) => {
    const { id, claim } = await stage.claimed();
    stage.advance(LEASE.durationMs - 1000);
    await stage.store.heartbeat(id, claim.fence, LEASE.durationMs);
    stage.advance(LEASE.durationMs - 1000);
    assert.equal(await stage.store.claim(ANY), undefined);
    stage.advance(1001);
    assert.equal((await stage.store.claim(ANY))?.task.id, id);
  },

  'what was given back is claimed at once, and was no attempt': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['a'], { checkpoint: { a: '1' } });
    await stage.store.release(id, claim.fence);
    assert.equal((await stage.store.get(id))?.attempt, 0);
    const next = await stage.store.claim(ANY);
    assert.equal(next?.task.id, id);
    assert.equal(next?.task.attempt, 1);
    assert.deepEqual(next?.checkpoint, { a: '1' });
    assert.ok((next?.fence ?? 0) > claim.fence, 'the fence did not grow');
  },

  'what has ended is never claimed': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.finish(id, claim.fence, { phase: 'completed', end: ['{}'] }, []);
    stage.advance(LEASE.durationMs + 1);
    assert.equal(await stage.store.claim(ANY), undefined);
    assert.equal(await stage.store.claim({ ...ANY, id }), undefined);
  },

  'who listens hears of what can be claimed, until they stop': async (stage) => {
    let heard = 0;
    let tell: () => void = () => undefined;
    const stop = stage.store.onClaimable(() => {
      heard += 1;
      tell();
    });
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        tell = resolve;
      });
    const ofNew = next();
    await stage.waiting();
    await soon(ofNew, 'nobody told of a new task');
    const claim = await stage.store.claim(ANY);
    const ofReleased = next();
    await stage.store.release(claim?.task.id ?? '', claim?.fence ?? 0);
    await soon(ofReleased, 'nobody told of a task given back');
    stop();
    const before = heard;
    await stage.waiting();
    assert.equal(heard, before);
  },

  'a clock that steps back makes nothing older, and frees nothing that is held': async (stage) => {
    const { id, claim } = await stage.claimed();
    const kinds = [claim.task.kind];
    stage.advance(-600_000);
    await stage.store.append(id, claim.fence, [], { message: 'earlier' });
    const task = await stage.store.get(id);
    assert.ok((task?.updatedAtMs ?? 0) >= claim.task.updatedAtMs, 'the task became older');
    assert.equal(await stage.store.claim({ lease: LEASE, kinds }), undefined);
    stage.advance(600_000);
    assert.equal(await stage.store.claim({ lease: LEASE, kinds }), undefined);
  },
};

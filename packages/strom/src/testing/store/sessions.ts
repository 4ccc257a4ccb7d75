import assert from 'node:assert/strict';
import { STREAM_FENCE, streamJournal } from '../../session/session-store.ts';
import { follow, rejectsWith, soon } from './expectations.ts';
import type { Stage, StageCases } from './stage.ts';

const STREAM = { id: 'stream', facts: '{"for":1}' } as const;
const NAME = streamJournal('session', STREAM.id);

/** A session with a stream that has two events. */
async function withStream({ store, clock }: Stage): Promise<void> {
  const expiresAtMs = clock.now() + 60_000;
  await store.saveSession({ id: 'session', owner: 'owner', facts: '{}', expiresAtMs });
  await store.saveStream('session', STREAM);
  await store.append(NAME, STREAM_FENCE, ['a', 'b']);
}

export const SESSIONS: StageCases = {
  'a session is kept as it was given, and changes as a whole': async ({ store, clock }) => {
    const session = { id: 's', owner: 'o', facts: '{"a":1}', expiresAtMs: clock.now() + 1000 };
    assert.equal(await store.session('s'), undefined);
    await store.saveSession(session);
    assert.deepEqual(await store.session('s'), session);
    const changed = { ...session, facts: '{"a":2}', expiresAtMs: session.expiresAtMs + 5 };
    await store.saveSession(changed);
    assert.deepEqual(await store.session('s'), changed);
  },

  'streams are listed in the order they were made': async ({ store, clock }) => {
    await store.saveSession({ id: 's', owner: 'o', facts: '', expiresAtMs: clock.now() + 1000 });
    for (const id of ['z', 'a', 'm']) await store.saveStream('s', { id, facts: '1' });
    await store.saveStream('s', { id: 'a', facts: '2' });
    assert.deepEqual(await store.streams('s'), [
      { id: 'z', facts: '1' },
      { id: 'a', facts: '2' },
      { id: 'm', facts: '1' },
    ]);
    assert.deepEqual(await store.streams('unknown'), []);
  },

  'a stream has a journal, which can be followed': async (stage) => {
    await withStream(stage);
    const followed = follow(stage.store, NAME, { after: 1, count: 2 });
    assert.equal(await stage.store.append(NAME, STREAM_FENCE, ['c']), 3);
    assert.deepEqual(await followed, [
      { seq: 2, text: 'b' },
      { seq: 3, text: 'c' },
    ]);
  },

  'a session that is saved anew keeps its streams, and a stream its events': async (stage) => {
    await withStream(stage);
    const expiresAtMs = stage.clock.now() + 1;
    await stage.store.saveSession({ id: 'session', owner: 'owner', facts: '2', expiresAtMs });
    await stage.store.saveStream('session', { ...STREAM, facts: '2' });
    assert.deepEqual(await stage.store.streams('session'), [{ ...STREAM, facts: '2' }]);
    assert.equal(await stage.store.append(NAME, STREAM_FENCE, ['c']), 3);
  },

  'a journal is written to under the fence of streams alone': async (stage) => {
    await withStream(stage);
    for (const fence of [0, STREAM_FENCE + 1]) {
      await rejectsWith('ERR_TASK_FENCED', stage.store.append(NAME, fence, ['x']));
    }
  },

  'a stream of no session is not kept': async ({ store }) => {
    await store.saveStream('session', STREAM);
    assert.deepEqual(await store.streams('session'), []);
    await rejectsWith('ERR_TASK_FENCED', store.append(NAME, STREAM_FENCE, ['x']));
  },

  'a stream is deleted with its journal': async (stage) => {
    await withStream(stage);
    const followed = follow(stage.store, NAME, { count: 99 });
    await stage.store.deleteStream('session', STREAM.id);
    await stage.store.deleteStream('session', 'unknown');
    await soon(followed, 'the tail goes on');
    assert.deepEqual(await stage.store.streams('session'), []);
    assert.deepEqual(await stage.store.read(NAME, 0), []);
    await rejectsWith('ERR_TASK_FENCED', stage.store.append(NAME, STREAM_FENCE, ['x']));
  },

  'a session is deleted with its streams': async (stage) => {
    await withStream(stage);
    await stage.store.deleteSession('session');
    await stage.store.deleteSession('unknown');
    assert.equal(await stage.store.session('session'), undefined);
    assert.deepEqual(await stage.store.streams('session'), []);
    assert.deepEqual(await stage.store.read(NAME, 0), []);
  },

  'a stream made again begins at 1': async (stage) => {
    await withStream(stage);
    await stage.store.deleteStream('session', STREAM.id);
    await stage.store.saveStream('session', STREAM);
    assert.equal(await stage.store.append(NAME, STREAM_FENCE, ['x']), 1);
    assert.deepEqual(await stage.store.read(NAME, 0), [{ seq: 1, text: 'x' }]);
  },
};

import assert from 'node:assert/strict';
import { drain, follow, range, rejectsWith, soon, textsOf } from './expectations.ts';
import type { StageCases } from './stage.ts';

const AMPLE_MS = 10_000;

export const TAILING: StageCases = {
  'who comes late gets what was, then what comes': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['1', '2']);
    const followed = follow(stage.store, id, { count: 4 });
    await stage.store.append(id, claim.fence, ['3']);
    await stage.store.append(id, claim.fence, ['4']);
    assert.deepEqual(textsOf(await followed), ['1', '2', '3', '4']);
  },

  'who has seen some goes on after them': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['1', '2', '3']);
    const events = await follow(stage.store, id, { after: 2, count: 1 });
    assert.deepEqual(events, [{ seq: 3, text: '3' }]);
  },

  'who has seen all waits for what comes': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, ['1']);
    const followed = follow(stage.store, id, { after: 1, count: 1 });
    await stage.store.append(id, claim.fence, ['2']);
    assert.deepEqual(await followed, [{ seq: 2, text: '2' }]);
  },

  'many events reach many readers, in order, each once': async (stage) => {
    const calls = [await stage.claimed(), await stage.claimed()];
    const count = 600;
    const followed = calls.flatMap(({ id }) =>
      range(1, 3).map(() => follow(stage.store, id, { count })),
    );
    for (const number of range(1, count)) {
      const written = calls.map(({ id, claim }) =>
        stage.store.append(id, claim.fence, [String(number)]),
      );
      // Some are written together, some alone.
      if (number % 7 === 0) await Promise.all(written);
    }
    for (const events of await Promise.all(followed)) {
      assert.deepEqual(
        events.map(({ seq }) => seq),
        range(1, count),
      );
    }
  },

  'a slow reader misses nothing and holds nobody up': async (stage) => {
    const { id, claim } = await stage.claimed();
    const enough = AbortSignal.timeout(AMPLE_MS);
    const pages = stage.store.tail(id, 0, enough)[Symbol.asyncIterator]();
    await stage.store.append(id, claim.fence, ['1']);
    const first = await pages.next();
    await stage.store.append(id, claim.fence, range(2, 300).map(String));
    await stage.store.append(id, claim.fence, range(301, 900).map(String));
    const texts = [...textsOf(first.value ?? [])];
    while (texts.length < 900) texts.push(...textsOf((await pages.next()).value ?? []));
    await pages.return?.();
    assert.deepEqual(texts, range(1, 900).map(String));
  },

  'what was trimmed is missing, the rest is there': async (stage) => {
    const { id, claim } = await stage.claimed();
    for (const start of range(0, 39)) {
      const texts = range(start * 100 + 1, start * 100 + 100).map(String);
      await stage.store.append(id, claim.fence, texts);
    }
    const [oldest] = await stage.store.read(id, 0, 1);
    const first = oldest?.seq ?? 0;
    const events = await follow(stage.store, id, { count: 4000 - first + 1 });
    assert.deepEqual(
      events.map(({ seq }) => seq),
      range(first, 4000),
    );
  },

  'a tail ends when its reader has had enough': async (stage) => {
    const { id } = await stage.claimed();
    const enough = new AbortController();
    const ended = drain(stage.store.tail(id, 0, enough.signal));
    enough.abort();
    assert.deepEqual(await soon(ended, 'the tail goes on'), []);
    const late = drain(stage.store.tail(id, 0, enough.signal));
    assert.deepEqual(await soon(late, 'a tail began after its end'), []);
  },

  'a tail outlives the end of the task': async (stage) => {
    const { id, claim } = await stage.claimed();
    const followed = follow(stage.store, id, { count: 2 });
    await stage.store.append(id, claim.fence, ['1']);
    await stage.store.finish(id, claim.fence, { phase: 'completed', end: ['{}'] }, ['end']);
    assert.deepEqual(textsOf(await followed), ['1', 'end']);
    assert.deepEqual(textsOf(await follow(stage.store, id, { count: 2 })), ['1', 'end']);
  },

  'a tail ends when the task is deleted': async (stage) => {
    const { id, claim } = await stage.claimed({ expiresAtMs: stage.clock.now() + 1000 });
    await stage.store.append(id, claim.fence, ['1']);
    const followed = follow(stage.store, id, { count: 99 });
    stage.advance(1001);
    await stage.store.purge(10);
    await soon(followed, 'the tail goes on');
  },

  'nothing is to be followed of a call that is none': async (stage) => {
    assert.deepEqual(await soon(follow(stage.store, 'unknown', { count: 1 }), 'it waits'), []);
  },

  'a tail fails when the store is closed': async (stage) => {
    const { id } = await stage.claimed();
    const followed = follow(stage.store, id, { count: 1 });
    const refused = rejectsWith('ERR_STORE', followed);
    await new Promise((resolve) => setImmediate(resolve));
    await stage.store.close();
    await soon(refused, 'the tail goes on');
  },
};

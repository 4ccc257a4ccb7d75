import assert from 'node:assert/strict';
import { range, rejectsWith, textsOf } from './expectations.ts';
import { BOUNDS, type StageCases } from './stage.ts';

export const WRITING: StageCases = {
  'events are numbered from 1, without a gap': async (stage) => {
    const { id, claim } = await stage.claimed();
    assert.equal(await stage.store.append(id, claim.fence, ['a', 'b']), 2);
    assert.equal(await stage.store.append(id, claim.fence, ['c']), 3);
    assert.deepEqual(await stage.store.read(id, 0), [
      { seq: 1, text: 'a' },
      { seq: 2, text: 'b' },
      { seq: 3, text: 'c' },
    ]);
    assert.equal((await stage.store.get(id))?.seq, 3);
  },

  'what is appended without waiting keeps its order': async (stage) => {
    const { id, claim } = await stage.claimed();
    const texts = range(1, 100).map(String);
    const numbers = await Promise.all(
      texts.map((text) => stage.store.append(id, claim.fence, [text])),
    );
    assert.deepEqual(numbers, range(1, 100));
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), texts);
  },

  'the journals of calls know nothing of each other': async (stage) => {
    const one = await stage.claimed();
    const two = await stage.claimed();
    await Promise.all(
      range(1, 20).flatMap((number) => [
        stage.store.append(one.id, one.claim.fence, [`one ${number}`]),
        stage.store.append(two.id, two.claim.fence, [`two ${number}`]),
      ]),
    );
    for (const [name, { id }] of Object.entries({ one, two })) {
      const events = await stage.store.read(id, 0);
      assert.deepEqual(
        textsOf(events),
        range(1, 20).map((number) => `${name} ${number}`),
      );
    }
  },

  'texts come back as they were': async (stage) => {
    const { id, claim } = await stage.claimed();
    const texts = ['', '\n', '{"a":"ü 🙂 \\u0000"}', 'x'.repeat(50_000)];
    await stage.store.append(id, claim.fence, texts);
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), texts);
  },

  'no events leave the number as it is': async (stage) => {
    const { id, claim } = await stage.claimed();
    assert.equal(await stage.store.append(id, claim.fence, []), 0);
    assert.equal(await stage.store.append(id, claim.fence, ['a']), 1);
    assert.equal(await stage.store.append(id, claim.fence, [], { message: 'm' }), 1);
    assert.equal((await stage.store.get(id))?.message, 'm');
  },

  'a read begins after a number and ends at its limit': async (stage) => {
    const { id, claim } = await stage.claimed();
    await stage.store.append(id, claim.fence, range(1, 1500).map(String));
    const numbersOf = async (after: number, limit?: number) =>
      (await stage.store.read(id, after, limit)).map(({ seq }) => seq);
    assert.deepEqual(await numbersOf(10, 3), [11, 12, 13]);
    assert.deepEqual(await numbersOf(0), range(1, 1000));
    assert.deepEqual(await numbersOf(1498), [1499, 1500]);
    assert.deepEqual(await numbersOf(1500), []);
    assert.deepEqual(await numbersOf(99_999), []);
    assert.deepEqual(await stage.store.read('unknown', 0), []);
  },

  'too many events of a call push out the oldest; the numbers go on': async (stage) => {
    const { id, claim } = await stage.claimed();
    const many = BOUNDS.maxEventsPerCall * 2;
    const texts = range(1, many).map(String);
    for (let start = 0; start < many; start += 100) {
      await stage.store.append(id, claim.fence, texts.slice(start, start + 100));
    }
    const [oldest] = await stage.store.read(id, 0, 1);
    const kept = many - (oldest?.seq ?? 0) + 1;
    const isBounded = kept >= BOUNDS.maxEventsPerCall && kept <= BOUNDS.maxEventsPerCall * 1.25;
    assert.ok(isBounded, `${kept} events are kept`);
    const newest = await stage.store.read(id, many - 10);
    assert.deepEqual(
      newest.map(({ seq }) => seq),
      range(many - 9, many),
    );
  },

  'too many bytes of a call push out the oldest, never the newest': async (stage) => {
    const { id, claim } = await stage.claimed();
    const large = 'x'.repeat(BOUNDS.maxJournalBytesPerCall / 8);
    for (const number of range(1, 30)) await stage.store.append(id, claim.fence, [large + number]);
    const [oldest] = await stage.store.read(id, 0, 1);
    const kept = 30 - (oldest?.seq ?? 0) + 1;
    assert.ok(kept <= 10, `${kept} eighths of the bound are kept`);
    const huge = large.repeat(20);
    assert.equal(await stage.store.append(id, claim.fence, [huge]), 31);
    assert.deepEqual(await stage.store.read(id, 30), [{ seq: 31, text: huge }]);
  },

  'a record changes together with its events': async (stage) => {
    const { id, claim } = await stage.claimed();
    stage.advance(5000);
    await stage.store.append(id, claim.fence, ['a'], {
      message: 'half',
      checkpoint: { one: '1', two: '2' },
      questions: { name: '{"ask":1}' },
    });
    const task = await stage.store.get(id);
    assert.equal(task?.message, 'half');
    assert.deepEqual(task?.questions, { name: '{"ask":1}' });
    assert.ok((task?.updatedAtMs ?? 0) >= claim.task.updatedAtMs + 5000);
  },

  'events alone leave the record as it is': async (stage) => {
    const { id, claim } = await stage.claimed();
    stage.advance(5000);
    await stage.store.append(id, claim.fence, ['a']);
    assert.deepEqual(await stage.store.get(id), { ...claim.task, seq: 1 });
  },

  'values are added to those that are there, and replace them by name': async (stage) => {
    const { id, claim } = await stage.claimed({ checkpoint: { zero: '0' } });
    await stage.store.append(id, claim.fence, [], { checkpoint: { one: '1', two: '2' } });
    await stage.store.append(id, claim.fence, [], { checkpoint: { two: '22', __proto__x: '3' } });
    await stage.store.release(id, claim.fence);
    const next = await stage.store.claim({
      id,
      lease: { holder: 'next', durationMs: 1000 },
      kinds: ['kind'],
    });
    assert.deepEqual(next?.checkpoint, { zero: '0', one: '1', two: '22', __proto__x: '3' });
  },

  'what is refused changes nothing': async (stage) => {
    const { id, claim } = await stage.claimed();
    const change = { message: 'late', checkpoint: { one: '1' }, questions: { name: '1' } };
    await rejectsWith('ERR_TASK_FENCED', stage.store.append(id, claim.fence + 1, ['late'], change));
    assert.deepEqual(await stage.store.get(id), claim.task);
    assert.deepEqual(await stage.store.read(id, 0), []);
  },

  'one refusal spoils nothing written at the same time': async (stage) => {
    const { id, claim } = await stage.claimed();
    const results = await Promise.allSettled([
      stage.store.append(id, claim.fence, ['a']),
      stage.store.append(id, claim.fence + 7, ['b']),
      stage.store.append('unknown', 1, ['c']),
      stage.store.append(id, claim.fence, ['d']),
    ]);
    const statuses = results.map(({ status }) => status);
    assert.deepEqual(statuses, ['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), ['a', 'd']);
  },
};

import assert from 'node:assert/strict';
import { textsOf } from './expectations.ts';
import { LEASE, type Stage, type StageCases } from './stage.ts';

const answerOf = (key: string, answer: string) => ({ key, answer, event: `${key}=${answer}` });

/** A task with two open questions. */
async function asking(stage: Stage): Promise<{ id: string; fence: number }> {
  const { id, claim } = await stage.claimed();
  await stage.store.append(id, claim.fence, ['asked'], { questions: { a: '"A?"', b: '"B?"' } });
  return { id, fence: claim.fence };
}

/** The answers a task goes on with. */
async function answersOf({ store }: Stage, id: string, fence: number): Promise<unknown> {
  await store.release(id, fence);
  return (await store.claim({ lease: LEASE, kinds: ['kind'], id }))?.answers;
}

export const ANSWERING: StageCases = {
  'an answer closes its question, and is told in the journal': async (stage) => {
    const { id, fence } = await asking(stage);
    await stage.store.answer(id, [answerOf('a', '1')]);
    assert.deepEqual((await stage.store.get(id))?.questions, { b: '"B?"' });
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), ['asked', 'a=1']);
    assert.deepEqual(await answersOf(stage, id, fence), { a: '1' });
  },

  'several questions are answered at once, in the order of the answers': async (stage) => {
    const { id, fence } = await asking(stage);
    await stage.store.answer(id, [answerOf('b', '2'), answerOf('a', '1')]);
    assert.deepEqual((await stage.store.get(id))?.questions, {});
    assert.deepEqual(textsOf(await stage.store.read(id, 1)), ['b=2', 'a=1']);
    assert.deepEqual(await answersOf(stage, id, fence), { a: '1', b: '2' });
  },

  'the first answer stays': async (stage) => {
    const { id, fence } = await asking(stage);
    await Promise.all([
      stage.store.answer(id, [answerOf('a', '1'), answerOf('a', '2')]),
      stage.store.answer(id, [answerOf('a', '3')]),
    ]);
    assert.deepEqual(textsOf(await stage.store.read(id, 1)), ['a=1']);
    assert.deepEqual(await answersOf(stage, id, fence), { a: '1' });
  },

  'what answers no question is ignored': async (stage) => {
    const { id, fence } = await asking(stage);
    await stage.store.answer(id, [answerOf('never asked', '1')]);
    await stage.store.answer('unknown', [answerOf('a', '1')]);
    await stage.store.answer(id, []);
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), ['asked']);
    assert.deepEqual(await answersOf(stage, id, fence), {});
  },

  'what comes after the end is ignored': async (stage) => {
    const { id, fence } = await asking(stage);
    await stage.store.finish(id, fence, { phase: 'cancelled', end: ['{}'] }, ['end']);
    const ended = await stage.store.get(id);
    await stage.store.answer(id, [answerOf('a', '1')]);
    assert.deepEqual(await stage.store.get(id), ended);
    assert.deepEqual(textsOf(await stage.store.read(id, 0)), ['asked', 'end']);
  },

  'questions outlive who asked them': async (stage) => {
    const { id, fence } = await asking(stage);
    await stage.store.release(id, fence);
    await stage.store.answer(id, [answerOf('b', '2')]);
    const next = await stage.store.claim({ lease: LEASE, kinds: ['kind'], id });
    assert.deepEqual(next?.task.questions, { a: '"A?"' });
    assert.deepEqual(next?.answers, { b: '2' });
  },
};

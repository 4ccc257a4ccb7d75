import { describe, expect, it } from 'vitest';
import { TaskFeed } from '../../src/client/task-feed.ts';
import { readTask } from '../../src/client/task-snapshot.ts';
import { COMPLETED, task } from './peers/task-peer.ts';

const state = (fields: object, updatedMs = 0) =>
  readTask({ ...task(fields, Date.UTC(2030, 0, 1) + updatedMs) });

describe('the states of a task', () => {
  it('reach a reader who is late as the newest one and the end', async () => {
    const feed = new TaskFeed();
    for (let index = 0; index < 1_000; index += 1) {
      feed.publish(state({ statusMessage: `message ${index}` }, index));
    }
    const first = await feed.next(0);
    expect(first.snapshot.message).toBe('message 999');
    feed.publish(state(COMPLETED, 2_000));
    feed.publish(state({ statusMessage: 'too late' }, 3_000));
    expect(await feed.next(first.number)).toMatchObject({ snapshot: { status: 'completed' } });
    expect(feed.isOver).toBe(true);
  });

  it('are told to every reader who waits, and only when they say something new', async () => {
    const feed = new TaskFeed(state({ statusMessage: 'one' }));
    const { number } = await feed.next(0);
    const readers = [feed.next(number), feed.next(number)];
    feed.publish(state({ statusMessage: 'one' }, 10));
    feed.publish(state({ statusMessage: 'two' }, 20));
    for (const { snapshot } of await Promise.all(readers)) expect(snapshot.message).toBe('two');
    expect(feed.latest?.updatedAtMs).toBe(Date.UTC(2030, 0, 1) + 20);
  });

  it('end for every reader with a failure, until somebody follows the task again', async () => {
    const feed = new TaskFeed();
    const readers = [feed.next(0), feed.next(0)];
    feed.fail(new Error('lost'));
    for (const reader of readers) await expect(reader).rejects.toThrow('lost');
    feed.revive();
    const later = feed.next(0);
    feed.publish(state({}));
    expect(await later).toMatchObject({ snapshot: { status: 'working' } });
  });
});

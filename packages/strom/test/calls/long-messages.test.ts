import { describe, expect, it } from 'vitest';
import { afterMicrotasks } from '../../src/base/after-microtasks.ts';
import { LongMessages } from '../../src/calls/long-messages.ts';
import { type Drainable, Outbox } from '../../src/calls/outbox.ts';
import { SharedStream } from '../../src/calls/shared-stream.ts';
import type { Pieces } from '../../src/protocol/json-pieces.ts';

const turn = (): Promise<void> => new Promise((resolve) => afterMicrotasks(resolve));

/** Pieces that tell how many of them were made. */
function counted(name: string, count: number) {
  const made = { count: 0 };
  const message: Pieces = {
    bytes: 0,
    *[Symbol.iterator]() {
      for (let piece = 1; piece <= count; piece += 1) {
        made.count += 1;
        yield `${name}${piece} `;
      }
    },
  };
  return { message, made };
}

/** A stream whose reader takes one write at a time, when told to. */
function setUp() {
  const writes: string[] = [];
  let waiting: Drainable | undefined;
  const longMessages = new LongMessages({
    write(text, source) {
      writes.push(text);
      waiting = source;
      return false;
    },
    end: (text, more = []) => void writes.push(text, ...more, 'end'),
  });
  const outbox = new Outbox(longMessages);
  const stream = new SharedStream(outbox, { frame: (message) => `<${message}>`, longMessages });
  const takeOne = (): void => waiting?.drained();
  const text = (): string => writes.join('');
  return { writes, text, outbox, stream, longMessages, takeOne };
}

describe('LongMessages', () => {
  it('makes the next piece when the reader has taken the last', async () => {
    const { stream, text, takeOne, writes } = setUp();
    const { message, made } = counted('a', 5);
    stream.openChannel().endInPieces?.(message);
    await turn();
    while (!text().endsWith('>')) {
      expect(made.count).toBeLessThanOrEqual(writes.length);
      takeOne();
    }
    expect(text()).toBe('<a1 a2 a3 a4 a5 >');
  });

  it('lets nothing come between the pieces of a message, and keeps the order of all', async () => {
    const { stream, outbox, text, takeOne } = setUp();
    void stream.openChannel().push('first', 'keep');
    void stream.openChannel().pushInPieces?.(counted('a', 2).message);
    stream.openChannel().end('second');
    stream.openChannel().endInPieces?.(counted('b', 2).message);
    await turn();
    stream.openChannel().end('third');
    outbox.keepAlive('alive');
    for (let taken = 0; taken < 20; taken += 1) takeOne();
    expect(text()).toBe('<first><a1 a2 ><second><b1 b2 ><third>');
  });

  it('holds awaited senders until the reader has caught up with the whole message', async () => {
    const { stream, text, takeOne } = setUp();
    stream.openChannel().endInPieces?.(counted('a', 3).message);
    await turn();
    let isRoom = false;
    void stream
      .openChannel()
      .push('next', 'keep')
      ?.then(() => {
        isRoom = true;
      });
    while (!text().endsWith('a3 >')) {
      await turn();
      expect(isRoom).toBe(false);
      takeOne();
    }
    takeOne();
    takeOne();
    await turn();
    expect(isRoom).toBe(true);
    expect(text()).toBe('<a1 a2 a3 ><next>');
  });

  it('is overfull while a second message waits for a reader who is behind', async () => {
    const { stream, longMessages, takeOne } = setUp();
    stream.openChannel().endInPieces?.(counted('a', 1).message);
    await turn();
    expect(longMessages.isOverfull).toBe(false);
    stream.openChannel().endInPieces?.(counted('b', 1).message);
    await turn();
    expect(longMessages.isOverfull).toBe(true);
    for (let taken = 0; taken < 10; taken += 1) takeOne();
    expect(longMessages.isOverfull).toBe(false);
  });

  it('comes to the end of what it writes when the stream ends', async () => {
    const { stream, outbox, text } = setUp();
    stream.openChannel().endInPieces?.(counted('a', 3).message);
    await turn();
    stream.openChannel().end('late');
    stream.openChannel().endInPieces?.(counted('b', 1).message);
    outbox.end('last');
    expect(text()).toBe('<a1 a2 a3 ><late><b1 >lastend');
  });
});

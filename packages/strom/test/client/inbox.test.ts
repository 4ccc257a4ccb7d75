import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FULL_CHARS, Inbox, OVERFULL_CHARS } from '../../src/client/inbox.ts';
import { type ArrivalHooks, Switchboard } from '../../src/client/switchboard.ts';
import type { RpcMessage } from '../../src/protocol/message.ts';

const notice = (step: number): RpcMessage => ({
  kind: 'notification',
  method: 'notifications/progress',
  params: { progress: step },
});

const response: RpcMessage = { kind: 'response', id: 1, result: {} };

const shared = (message: RpcMessage, chars = 1) => ({ message, chars, isShared: true });
const own = (message: RpcMessage, chars = 1) => ({ message, chars, isShared: false });

const newInbox = (): Inbox => new Inbox(1, () => undefined);

const HOOKS: ArrivalHooks = {
  onMessage: () => undefined,
  onNotification: () => undefined,
  onRequest: () => undefined,
  onWarning: () => undefined,
  onLost: () => undefined,
};

describe('an inbox', () => {
  it('gives everything in order, whoever is faster', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 100 }), async (pushesFirst) => {
        const inbox = newInbox();
        const taken: Promise<RpcMessage>[] = [];
        for (const [step, pushFirst] of pushesFirst.entries()) {
          if (pushFirst) inbox.push(own(notice(step)));
          taken.push(inbox.take());
          if (!pushFirst) inbox.push(own(notice(step)));
        }
        expect(await Promise.all(taken)).toEqual(pushesFirst.map((_, step) => notice(step)));
      }),
    );
  });

  it('takes nothing after the response', async () => {
    const inbox = newInbox();
    inbox.push(own(response));
    inbox.push(own(notice(1)));
    inbox.fail(new Error('late'));
    expect(await inbox.take()).toBe(response);
  });

  it('gives what it holds before it fails', async () => {
    const inbox = newInbox();
    inbox.push(own(notice(1)));
    inbox.fail(new RangeError('gone'));
    expect(await inbox.take()).toEqual(notice(1));
    await expect(inbox.take()).rejects.toThrow(RangeError);
  });

  it('forgets what it holds when it is aborted', async () => {
    const inbox = newInbox();
    inbox.push(own(notice(1)));
    inbox.push(own(response));
    inbox.abort(new RangeError('gone'));
    await expect(inbox.take()).rejects.toThrow(RangeError);
  });

  it('makes writers wait until the reader has caught up', async () => {
    const inbox = newInbox();
    inbox.push(own(notice(1), FULL_CHARS));
    await inbox.whenRoom();
    inbox.push(own(notice(2), 1));
    let hasRoom = false;
    const room = inbox.whenRoom().then(() => {
      hasRoom = true;
    });
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    await inbox.take();
    await room;
  });

  it.each(['push', 'fail', 'abort'] as const)('lets waiting writers go on %s', async (way) => {
    const inbox = newInbox();
    inbox.push(own(notice(1), FULL_CHARS + 1));
    const room = inbox.whenRoom();
    if (way === 'push') inbox.push(own(response));
    else inbox[way](new Error('gone'));
    await room;
  });

  it('drops the oldest of a shared channel, never the response', async () => {
    const inbox = newInbox();
    for (let step = 0; step < 10; step += 1) inbox.push(shared(notice(step), OVERFULL_CHARS / 4));
    inbox.push(shared(response, OVERFULL_CHARS * 2));
    inbox.shed();
    expect(inbox.dropped).toBe(10);
    expect(await inbox.take()).toBe(response);
  });

  it('drops them behind what came on a stream of its own as well', async () => {
    const inbox = newInbox();
    inbox.push(own(notice(0)));
    for (let step = 1; step <= 10; step += 1) {
      inbox.push(shared(notice(step), OVERFULL_CHARS / 4));
      inbox.shed();
    }
    expect(inbox.dropped).toBe(7);
    for (const step of [0, 8, 9, 10]) expect(await inbox.take()).toEqual(notice(step));
  });

  it('drops nothing that came on a stream of its own', () => {
    const inbox = newInbox();
    for (let step = 0; step < 10; step += 1) inbox.push(own(notice(step), OVERFULL_CHARS));
    inbox.shed();
    expect(inbox.dropped).toBe(0);
  });
});

describe('a shared channel', () => {
  const progress = (token: number): string =>
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: token, progress: 1, message: 'x'.repeat(FULL_CHARS) },
    });

  it('waits for the one reader there is', async () => {
    const board = new Switchboard(HOOKS);
    const inbox = board.open(1);
    board.receive(progress(1));
    let hasRoom = false;
    const room = board.whenRoom().then(() => {
      hasRoom = true;
    });
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    await inbox.take();
    await room;
  });

  it('goes on as soon as somebody else needs an answer', async () => {
    const board = new Switchboard(HOOKS);
    board.open(1);
    const hungry = board.open(2);
    board.receive(progress(1));
    const room = board.whenRoom();
    const answer = hungry.take();
    await room;
    board.receive('{"jsonrpc":"2.0","id":2,"result":{}}');
    expect(await answer).toMatchObject({ kind: 'response', id: 2 });
  });

  it('keeps a bounded part for a request nobody reads', () => {
    const board = new Switchboard(HOOKS);
    const inbox = board.open(1);
    for (let count = 0; count < 100; count += 1) {
      board.receive(progress(1));
      board.shed();
    }
    expect(inbox.dropped).toBeGreaterThan(80);
  });
});

import { describe, expect, it } from 'vitest';
import { Outbox, type OutboxTarget } from '../../src/calls/outbox.ts';
import type { ReplyChannel } from '../../src/calls/reply-channel.ts';
import { ReplyView } from '../../src/calls/reply-view.ts';
import { Tally } from '../../src/calls/tally.ts';
import type { CallEvent } from '../../src/protocol/call-event.ts';
import type { MessageEncoder } from '../../src/protocol/message-encoder.ts';

const LIMITS = { maxQueuedBytes: 6, maxQueuedLogBytes: 100 };

/** A view of a reader that has stopped reading, and may go on. */
function setUp() {
  let text = '';
  let isReading = false;
  let encoded = 0;
  const target: OutboxTarget = {
    write(piece) {
      text += piece;
      return isReading;
    },
    end(piece) {
      text += piece;
    },
  };
  const outbox = new Outbox(target, { limits: LIMITS });
  const channel: ReplyChannel = {
    push: (message, policy) => outbox.push(message, policy, channel),
    awaitRoom: () => outbox.awaitRoom(channel),
    flush: () => outbox.flush(),
    end: (message) => outbox.end(message ?? ''),
  };
  const encoder: MessageEncoder = {
    carriesChunks: true,
    event(event: CallEvent) {
      encoded += 1;
      return event.kind === 'progress' ? `p${event.progress};` : `${event.kind};`;
    },
    outcome: () => 'end',
    toldAs: (result) => ({ result }),
  };
  const tally = new Tally();
  const view = new ReplyView(encoder, channel, { tally, correlation: '', ended() {} });
  return {
    view,
    tally,
    text: () => text,
    encoded: () => encoded,
    progress: (progress: number) =>
      view.send({ kind: 'progress', progress, total: undefined, message: undefined }),
    catchUp() {
      isReading = true;
      outbox.drained();
    },
  };
}

function behind() {
  const all = setUp();
  void all.progress(1);
  all.view.flush();
  return all;
}

describe('ReplyView: a reader that is far behind', () => {
  it('has only the reports encoded that it may get', () => {
    const all = behind();
    for (let progress = 2; progress <= 1000; progress += 1) void all.progress(progress);
    expect(all.encoded()).toBeLessThanOrEqual(4);
  });

  it('gets the newest report when it has caught up', async () => {
    const all = behind();
    let last: Promise<void> | undefined;
    for (let progress = 2; progress <= 1000; progress += 1) last = all.progress(progress);
    all.catchUp();
    await last;
    all.view.flush();
    expect(all.text()).toMatch(/p1000;$/);
    expect(all.tally.events).toBe(1000);
    expect(all.text().split(';').length - 1).toBe(1000 - all.tally.coalesced);
  });

  it.each(['log', 'chunk'] as const)('gets the newest report before a %s', (kind) => {
    const all = behind();
    for (let progress = 2; progress <= 9; progress += 1) void all.progress(progress);
    const said = { log: { level: 'info', data: 0, logger: undefined }, chunk: { value: 0 } };
    void all.view.send({ kind, ...said[kind] } as CallEvent);
    all.catchUp();
    expect(all.text()).toMatch(kind === 'chunk' ? /p9;chunk;$/ : /p9;/);
  });

  it('gets the newest report before the end', () => {
    const all = behind();
    for (let progress = 2; progress <= 9; progress += 1) void all.progress(progress);
    all.view.finish({ kind: 'result', result: {} });
    expect(all.text()).toMatch(/p9;end$/);
  });

  it('gets nothing more once the call is abandoned', async () => {
    const all = behind();
    let last: Promise<void> | undefined;
    for (let progress = 2; progress <= 9; progress += 1) last = all.progress(progress);
    all.view.abandon(new Error('gone') as never);
    await last;
    expect(all.text()).not.toContain('p9');
  });
});

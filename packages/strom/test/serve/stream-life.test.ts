import { describe, expect, it } from 'vitest';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { startStrom } from '../harness/start-strom.ts';
import { TestClock } from '../harness/test-clock.ts';

const LIFE_MS = 60_000;

function start(clock: TestClock) {
  return startStrom(undefined, {
    server: { clock },
    run: { maxStreamMs: LIFE_MS, legacySse: true },
  });
}

describe('the stream of a session', () => {
  it('ends after maxStreamMs, and the next one goes on where it ended', async () => {
    const clock = new TestClock();
    await using server = await start(clock);
    await using peer = await HttpPeer.at(server.url, '2025-11-25');
    const first = new SseReader(await peer.listen());
    const opening = await first.next();
    clock.advance(LIFE_MS - 1);
    server.strom.tool('one', { description: 'Late' }, () => 'x');
    const seen = await first.next();
    expect(seen?.data).toContain('tools/list_changed');
    clock.advance(1);
    expect(await first.rest()).toEqual([]);
    server.strom.tool('two', { description: 'Later' }, () => 'x');
    const second = new SseReader(await peer.listen(seen?.id));
    const missed = await second.next();
    expect(missed?.data).toContain('tools/list_changed');
    expect(new Set([opening?.id, seen?.id, missed?.id]).size).toBe(3);
    clock.advance(LIFE_MS);
    await second.rest();
  });

  it('takes its timer along when the client leaves first', async () => {
    const clock = new TestClock();
    await using server = await start(clock);
    await using peer = await HttpPeer.at(server.url, '2025-11-25');
    const before = clock.pending;
    const stream = new SseReader(await peer.listen());
    await stream.next();
    expect(clock.pending).toBeGreaterThan(before);
    await stream.cancel();
    await expect.poll(() => clock.pending).toBe(before);
  });
});

describe('a connection over HTTP+SSE', () => {
  it('ends after maxStreamMs', async () => {
    const clock = new TestClock();
    await using server = await start(clock);
    const reader = new SseReader(await fetch(`${server.origin}/sse`));
    const target = (await reader.next())?.data ?? '';
    clock.advance(LIFE_MS);
    expect(await reader.rest()).toEqual([]);
    const late = await server.send({
      target,
      headers: [['Content-Type', 'application/json']],
      body: '{}',
    });
    expect(late.status).toBe(404);
  });
});

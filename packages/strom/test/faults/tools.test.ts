import { describe, expect, it } from 'vitest';
import { connect } from '../../src/entry/client.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { startVictim } from './support/victim.ts';

const NOTES = 5_000;
const note = (step: number): string => `Schritt ${step} — 世界 \u{1F30A}`;

describe('S10: tools that misbehave', () => {
  it.each([
    ['throws', 'incident'],
    ['rejects', 'incident'],
    ['hangs', '50 ms'],
    ['vast', '64 MiB'],
  ])('%s: an error that tells no secret, and the next call is answered', async (tool, told) => {
    await using started = await startVictim();
    const { body } = await started.send(modernCall(tool));
    expect(body).toContain('-32603');
    expect(body).toContain(told);
    expect(body).not.toContain('secret');
    await started.checkAlive();
  });

  it('what one says after its end reaches nobody', async () => {
    await using started = await startVictim();
    const meta = { progressToken: 1, 'io.modelcontextprotocol/logLevel': 'debug' };
    const { body } = await started.send(modernCall('late', {}, meta));
    await expect.poll(() => started.noted('late')).toBe(1);
    expect(body).toContain('in time');
    expect(body.trimEnd()).toMatch(/ended.*$/);
    expect(body).not.toContain('too late');
    await started.checkAlive();
  });

  it('one that blocks the thread holds up the others no longer than that', async () => {
    await using started = await startVictim();
    const blocked = started.send(modernCall('blocks'));
    const others = Array.from({ length: 20 }, () => started.checkAlive());
    expect((await blocked).body).toContain('unblocked');
    await Promise.all(others);
  });
});

/** A `fetch` whose bodies come in pieces that break characters and frames anywhere. */
const inPieces: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  let seed = 1;
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      for (let at = 0; at < bytes.length; ) {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        const size = 1 + (seed % 37);
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      }
    },
  });
  return new Response(answer.body?.pipeThrough(cut) ?? null, answer);
};

describe('S09: thousands of notes before a result', () => {
  it.each(['stateless', 'session'] as const)(
    'arrive in order, none lost, the result last, however they are cut: %s',
    async (era) => {
      await using started = await startVictim();
      await using client = await connect(started.url, { era, fetch: inPieces });
      const seen: string[] = [];
      for await (const event of client.stream('count', { to: NOTES })) {
        seen.push(event.kind === 'progress' ? (event.message ?? '') : event.kind);
      }
      const notes = Array.from({ length: NOTES }, (_, index) => note(index + 1));
      expect(seen).toEqual([...notes, 'result']);
    },
  );
});

import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/entry/client.ts';
import type { Strom } from '../../src/serve/strom.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { startStrom } from '../harness/start-strom.ts';
import './support/base-line.ts';

const NOTES = 5_000;
const note = (step: number): string => `Schritt ${step} — 世界 \u{1F30A}`;

function addMisbehaving(strom: Strom, onLate = (): void => undefined): void {
  strom.tool('throws', { description: 'At once' }, () => {
    throw new Error('secret defect');
  });
  strom.tool('rejects', { description: 'Later' }, async () => {
    await pause(5);
    throw 'secret text';
  });
  strom.tool(
    'hangs',
    { description: 'For ever', timeoutMs: 50 },
    () => new Promise(() => undefined),
  );
  strom.tool('blocks', { description: 'The only thread' }, () => {
    const endMs = performance.now() + 300;
    while (performance.now() < endMs);
    return 'unblocked';
  });
  strom.tool('vast', { description: 'Says 100 MB' }, () => 'x'.repeat(100 * 1024 * 1024));
  strom.tool('late', { description: 'Speaks after its end' }, async (_, ctx) => {
    setTimeout(() => {
      void ctx.progress(2, 2, 'too late');
      void ctx.info('too late');
      onLate();
    }, 10);
    await ctx.progress(1, 2, 'in time');
    return 'ended';
  });
}

describe('S10: tools that misbehave', () => {
  it.each([
    ['throws', 'incident'],
    ['rejects', 'incident'],
    ['hangs', '50 ms'],
    ['vast', '64 MiB'],
  ])('%s: an error that tells no secret, and the next call is answered', async (tool, told) => {
    await using started = await startStrom((strom) => addMisbehaving(strom));
    const { body } = await started.send(modernCall(tool));
    expect(body).toContain('-32603');
    expect(body).toContain(told);
    expect(body).not.toContain('secret');
    await started.checkAlive();
  });

  it('what one says after its end reaches nobody', async () => {
    let told = (): void => undefined;
    const hasSpoken = new Promise<void>((resolve) => {
      told = resolve;
    });
    await using started = await startStrom((strom) => addMisbehaving(strom, told));
    const meta = { progressToken: 1, 'io.modelcontextprotocol/logLevel': 'debug' };
    const { body } = await started.send(modernCall('late', {}, meta));
    await hasSpoken;
    expect(body).toContain('in time');
    expect(body.trimEnd()).toMatch(/ended.*$/);
    expect(body).not.toContain('too late');
    await started.checkAlive();
  });

  it('one that blocks the thread holds up the others no longer than that', async () => {
    await using started = await startStrom((strom) => addMisbehaving(strom));
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
      await using started = await startStrom((strom) => {
        strom.tool('count', { description: 'Waits for each note' }, async (_, ctx) => {
          for (let step = 1; step <= NOTES; step += 1) await ctx.progress(step, NOTES, note(step));
          return 'counted';
        });
      });
      await using client = await connect(started.url, { era, fetch: inPieces });
      const seen: string[] = [];
      for await (const event of client.stream('count')) {
        seen.push(event.kind === 'progress' ? (event.message ?? '') : event.kind);
      }
      const notes = Array.from({ length: NOTES }, (_, index) => note(index + 1));
      expect(seen).toEqual([...notes, 'result']);
    },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Strom } from '../../../src/serve/strom.ts';
import { sessionBody } from '../../harness/mcp-request.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { type Started, startStrom } from '../../harness/start-strom.ts';

interface Steps {
  /** Lets the tool make that many more steps. */
  allow(count: number): void;
  /** Resolves when the tool has made its last step. */
  readonly done: Promise<void>;
}

/** A tool that makes a step, and tells about it, whenever it is allowed to. */
function withSteps(strom: Strom, total: number, message = ''): Steps {
  let allowed = 0;
  let wake = (): void => undefined;
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  strom.tool('steps', { description: 'Steps when told' }, async (_, ctx) => {
    for (let step = 1; step <= total; step += 1) {
      while (step > allowed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      await ctx.progress(step, total, `${message}step ${step}`);
    }
    finish();
    return 'all steps';
  });
  const allow = (count: number): void => {
    allowed += count;
    wake();
  };
  return { allow, done };
}

const CALL = sessionBody('tools/call', { name: 'steps', _meta: { progressToken: 'p' } });
const stepOf = (data: string): number | string => {
  const message = JSON.parse(data);
  return message.params?.progress ?? message.result.content[0].text;
};

/** Reads steps up to a number; tells the id of the last event. */
async function readSteps(
  reader: SseReader,
  upTo: number,
): Promise<{ id: string; steps: unknown[] }> {
  const steps: unknown[] = [];
  let id = '';
  while (steps.length < upTo) {
    const event = await reader.next();
    if (event === undefined) break;
    id = event.id ?? id;
    if (event.data !== '') steps.push(stepOf(event.data));
  }
  return { id, steps };
}

async function startSteps(total: number, run = {}): Promise<{ server: Started; tool: Steps }> {
  let tool: Steps | undefined;
  const server = await startStrom(
    (strom) => {
      tool = withSteps(strom, total);
    },
    { run },
  );
  if (tool === undefined) throw new Error('no tool');
  return { server, tool };
}

describe('a session stream that breaks', () => {
  it('does not cancel its call, and goes on after the last event that was seen', async () => {
    const { server, tool } = await startSteps(6);
    await using _ = server;
    await using peer = await HttpPeer.at(server.url, '2025-11-25');
    tool.allow(2);
    const first = new SseReader(await peer.post(CALL));
    const seen = await readSteps(first, 2);
    await first.cancel();
    tool.allow(4);
    await tool.done;
    const second = new SseReader(await peer.listen(seen.id));
    expect((await second.rest()).map(({ data }) => stepOf(data))).toEqual([
      3,
      4,
      5,
      6,
      'all steps',
    ]);
    expect(seen.steps).toEqual([1, 2]);
  });

  it('goes on live when it is resumed while the call still runs', async () => {
    const { server, tool } = await startSteps(4);
    await using _ = server;
    await using peer = await HttpPeer.at(server.url, '2025-06-18');
    tool.allow(1);
    const first = new SseReader(await peer.post(CALL));
    const seen = await readSteps(first, 1);
    await first.cancel();
    const second = new SseReader(await peer.listen(seen.id));
    tool.allow(3);
    expect((await second.rest()).map(({ data }) => stepOf(data))).toEqual([2, 3, 4, 'all steps']);
  });

  it('can be resumed again and again from the same event, with the same answer', async () => {
    const { server, tool } = await startSteps(3);
    await using _ = server;
    await using peer = await HttpPeer.at(server.url, '2025-11-25');
    tool.allow(3);
    const whole = await new SseReader(await peer.post(CALL)).rest();
    for (const [index, event] of whole.entries()) {
      const again = await new SseReader(await peer.listen(event.id)).rest();
      expect(again).toEqual(whole.slice(index + 1));
    }
  });

  it('is taken over by the connection that resumes it', async () => {
    const { server, tool } = await startSteps(2);
    await using _ = server;
    await using peer = await HttpPeer.at(server.url, '2025-11-25');
    tool.allow(1);
    const first = new SseReader(await peer.post(CALL));
    const seen = await readSteps(first, 1);
    const second = new SseReader(await peer.listen(seen.id));
    await second.readOn();
    expect(await first.rest()).toEqual([]);
    tool.allow(1);
    expect((await second.rest()).map(({ data }) => stepOf(data))).toEqual([2, 'all steps']);
  });

  it('never replays what belongs to another stream', async () => {
    const { server, tool } = await startSteps(2);
    await using _ = server;
    await using peer = await HttpPeer.at(server.url, '2025-11-25');
    const listening = new SseReader(await peer.listen());
    await listening.readOn();
    server.strom.tool('added', { description: 'x' }, () => 'x');
    await listening.data();
    await listening.cancel();
    tool.allow(2);
    await new SseReader(await peer.post(CALL)).rest();
    const again = new SseReader(await peer.listen('out-0'));
    expect(await again.data()).toContain('tools/list_changed');
    server.strom.tool('more', { description: 'x' }, () => 'x');
    expect(await again.data()).toContain('tools/list_changed');
    expect(again.text).not.toContain('step');
  });

  it.each(['9-1', 'out', '-', '1-', '1-x', '1--1', '1-1e3', '__proto__-1', `1-${'9'.repeat(20)}`])(
    'refuses to resume after %s',
    async (lastEventId) => {
      const { server, tool } = await startSteps(1);
      await using _ = server;
      await using peer = await HttpPeer.at(server.url, '2025-11-25');
      tool.allow(1);
      await new SseReader(await peer.post(CALL)).rest();
      expect((await peer.listen(lastEventId)).status).toBe(400);
      await server.checkAlive();
    },
  );

  it('keeps no more than its bound of bytes, and the result in any case', async () => {
    const { server, tool } = await startSteps(1000, { replayBytesPerSession: 2000 });
    await using _ = server;
    await using peer = await HttpPeer.at(server.url, '2025-11-25');
    tool.allow(1);
    const first = new SseReader(await peer.post(CALL));
    const seen = await readSteps(first, 1);
    await first.cancel();
    tool.allow(999);
    await tool.done;
    const second = new SseReader(await peer.listen(seen.id));
    const steps = (await second.rest()).map(({ data }) => stepOf(data));
    expect(second.text.length).toBeLessThanOrEqual(2000);
    expect(steps.at(-1)).toBe('all steps');
    const numbers = steps.slice(0, -1).map(Number);
    expect(numbers).toEqual(numbers.map((_, index) => 1001 - numbers.length + index));
  });

  it('gives each event exactly once, in order, however often it is cut', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.boolean(), async (lengths, isRunning) => {
        const { server, tool } = await startSteps(12);
        await using _ = server;
        await using peer = await HttpPeer.at(server.url, '2025-11-25');
        const seen: unknown[] = [];
        tool.allow(isRunning ? 1 : 12);
        let reader = new SseReader(await peer.post(CALL));
        let lastId = '';
        for (const length of lengths) {
          if (isRunning) tool.allow(2);
          const wanted = isRunning ? Math.min(length, 2) : length;
          const part = await readSteps(reader, wanted);
          seen.push(...part.steps);
          lastId = part.id || lastId || '1-0';
          await reader.cancel();
          reader = new SseReader(await peer.listen(lastId));
        }
        tool.allow(12);
        const last = (await reader.rest()).filter(({ data }) => data !== '');
        seen.push(...last.map(({ data }) => stepOf(data)));
        expect(seen).toEqual([...Array.from({ length: 12 }, (_, index) => index + 1), 'all steps']);
      }),
      { numRuns: 15 },
    );
  });
});

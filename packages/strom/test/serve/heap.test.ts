import { describe, expect, it } from 'vitest';
import { HeapWatch } from '../../src/base/heap-watch.ts';
import { Strom } from '../../src/serve/strom.ts';
import { plainCall } from '../faults/support/plain-call.ts';
import { ProbedProcess } from '../faults/support/probed-process.ts';
import { baseLineAfter, harmOf } from '../faults/support/recovery.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { jsonOf, RawConnection, rawRequest, sendRaw } from '../harness/raw-http.ts';
import { TestClock } from '../harness/test-clock.ts';

const READY = { method: 'GET', target: '/readyz' };

/** A heap that is as full as a test says. */
class FakeHeap {
  live = 0;
  garbage = 0;
  collected = 0;
  looked = 0;

  use(): number {
    this.looked += 1;
    return this.live + this.garbage;
  }

  collect(): void {
    this.collected += 1;
    this.garbage = 0;
  }
}

function watch() {
  const heap = new FakeHeap();
  const clock = new TestClock();
  return { heap, clock, load: new HeapWatch({ heap, clock, maxUse: 0.9 }) };
}

describe('HeapWatch', () => {
  it('tells when the heap is as full as it may be, and when it is not any more', () => {
    const { heap, clock, load } = watch();
    expect(load.isOverloaded).toBe(false);
    heap.live = 0.9;
    clock.advance(250);
    expect(load.isOverloaded).toBe(true);
    heap.live = 0.5;
    clock.advance(250);
    expect(load.isOverloaded).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('looks four times a second at most', () => {
    const { heap, clock, load } = watch();
    for (let asked = 0; asked < 1000; asked += 1) {
      void load.isOverloaded;
      clock.advance(1);
    }
    expect(heap.looked).toBe(4);
  });

  it('has garbage collected that nobody collects, within five seconds', () => {
    const { heap, clock, load } = watch();
    heap.garbage = 0.95;
    expect(load.isOverloaded).toBe(true);
    expect(heap.collected).toBe(0);
    clock.advance(5000);
    expect(load.isOverloaded).toBe(false);
  });

  it('does not collect all the time where there is no garbage', () => {
    const { heap, clock, load } = watch();
    heap.live = 0.95;
    for (let second = 0; second < 60; second += 1) {
      expect(load.isOverloaded).toBe(true);
      clock.advance(1000);
    }
    expect(heap.collected).toBeGreaterThan(10);
    expect(heap.collected).toBeLessThanOrEqual(30);
  });

  it('looks again although the time of day was set back', () => {
    const { heap, clock, load } = watch();
    expect(load.isOverloaded).toBe(false);
    heap.live = 1;
    clock.step(-3_600_000);
    clock.advance(250);
    expect(load.isOverloaded).toBe(true);
  });
});

describe('maxHeapUse', () => {
  it.each([0, -1, 1.1, Number.NaN])('cannot be %s', (maxHeapUse) => {
    expect(() => new Strom({ name: 'n', version: '1', maxHeapUse })).toThrow(TypeError);
  });

  it('is reached by any heap where it is small enough, and by none where it is 1', async () => {
    for (const [maxHeapUse, status] of [
      [1e-9, 503],
      [1, 200],
    ] as const) {
      const strom = new Strom({ name: 'n', version: '1', maxHeapUse });
      const running = await strom.run({ port: 0, handleSignals: false });
      const port = Number(new URL(running.url ?? '').port);
      expect((await sendRaw(port, rawRequest(port, READY))).status).toBe(status);
      await running.close();
    }
  });
});

describe('S11: a process whose heap is nearly full', () => {
  it('refuses new calls, goes on with the others, and is back when memory is free', async () => {
    const env = { NODE_OPTIONS: '--max-old-space-size=128' };
    await using server = new ProbedProcess('../serve/heap-fixture.ts', [], { env });
    const url = (await server.line()) ?? '';
    const port = Number(new URL(url).port);
    const call = (): Promise<void> => plainCall({ url });
    const tell = async (command: string): Promise<void> => {
      server.write(`${command}\n`);
      expect(await server.line()).toBe(command);
    };
    const status = async (request = modernCall('echo', { text: '' })): Promise<number> =>
      (await sendRaw(port, rawRequest(port, request))).status;
    expect([await status(), await status(READY)]).toEqual([200, 200]);
    const base = await baseLineAfter(server, async () => {
      for (let count = 0; count < 100; count += 1) await call();
      for (const command of ['fill', 'free']) await tell(command);
    });

    await using staying = await RawConnection.open(port);
    staying.write(rawRequest(port, modernCall('stay', {}, { progressToken: 'p' })));
    await staying.until((text) => text.includes('"progress":1'));
    await tell('fill');
    await expect.poll(() => status(READY), { timeout: 5000 }).toBe(503);
    const refused = await sendRaw(port, rawRequest(port, modernCall('echo')));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(jsonOf(refused)).toMatchObject({ error: { code: -32603 } });
    await tell('finish');
    expect((await staying.answer()).body).toContain('finished');

    await tell('free');
    await expect.poll(() => status(), { timeout: 5000 }).toBe(200);
    expect(await status(READY)).toBe(200);
    staying.destroy();
    expect(await harmOf(base, call)).toEqual([]);
  });
});

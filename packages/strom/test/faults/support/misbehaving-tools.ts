/** Tools that fail, hang, block, say too much, or keep what they should let go. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Strom } from '../../../src/serve/strom.ts';
import type { Workbench } from './victim-tools.ts';

const MEBIBYTE = 2 ** 20;

export function addMisbehaving(strom: Strom, bench: Workbench): void {
  addFailing(strom);
  addOverdoing(strom, bench);
  addLeaking(strom);
}

function addFailing(strom: Strom): void {
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
}

function block(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}

function addOverdoing(strom: Strom, bench: Workbench): void {
  const blocking = { type: 'object', properties: { forMs: { type: 'integer' } } } as const;
  strom.tool('blocks', { description: 'The only thread', input: blocking }, ({ forMs }) => {
    block(Number(forMs ?? 300));
    return 'unblocked';
  });
  strom.tool('vast', { description: 'Says 100 MB' }, () => 'x'.repeat(100 * MEBIBYTE));
  strom.tool('late', { description: 'Speaks after its end' }, async (_, ctx) => {
    setTimeout(() => {
      void ctx.progress(2, 2, 'too late');
      void ctx.info('too late');
      bench.count('late');
    }, 10);
    await ctx.progress(1, 2, 'in time');
    return 'ended';
  });
  const kind = { type: 'object', properties: { kind: { type: 'string' } } } as const;
  strom.tool(
    'endless',
    { description: 'Heeds no signal for a while', input: kind },
    async function* ({ kind }, ctx) {
      let isOver = false;
      ctx.onCleanup(() => {
        setTimeout(() => {
          isOver = true;
        }, 100);
      });
      for (let step = 1; !isOver; step += 1) {
        if (kind === 'progress') await ctx.progress(step);
        else if (kind === 'log') await ctx.debug('unwanted');
        else yield step;
      }
    },
  );
}

/** Does what the tests of recovery must notice. */
function addLeaking(strom: Strom): void {
  const kept: unknown[] = [];
  const signal = new AbortController().signal;
  const leaks: Record<string, () => unknown> = {
    memory: () => Buffer.alloc(16 * MEBIBYTE),
    timers: () => setInterval(() => undefined, 1_000_000).unref(),
    targetListeners: () => signal.addEventListener('abort', () => undefined),
    longLivedListeners: () => process.on('beforeExit', () => undefined),
    prototypeKeys: () => Reflect.set(Object.prototype, 'polluted', true),
    turns: () => setInterval(() => block(200), 1),
    exit: () => setImmediate(() => process.exit(3)),
  };
  const what = { type: 'object', properties: { what: { type: 'string' } } } as const;
  strom.tool('leak', { description: 'Keeps something for ever', input: what }, ({ what }) => {
    kept.push(leaks[String(what)]?.());
    return 'kept';
  });
}

/** A server as a process of its own whose memory is filled and freed as lines on its input say. */
import { createInterface } from 'node:readline';
import { hostHeap } from '../../src/serve/host-heap.ts';
import { Strom } from '../../src/serve/strom.ts';

const NEARLY_FULL = 0.92;

const strom = new Strom({ name: 'filled', version: '0.0.1' });
let finish = (): void => undefined;
let kept: unknown[] = [];

const text = { type: 'object', properties: { text: { type: 'string' } } } as const;
strom.tool(
  'echo',
  { description: 'Gives back its text', input: text },
  ({ text }) => `echo: ${text}`,
);
strom.tool('stay', { description: 'Stays until told to finish' }, async (_, ctx) => {
  await ctx.progress(1);
  await new Promise<void>((resolve) => {
    finish = resolve;
  });
  return 'finished';
});

function fill(): void {
  const heap = hostHeap();
  while ((heap?.use() ?? 1) < NEARLY_FULL) {
    kept.push(Array.from({ length: 1000 }, (_, index) => ({ index })));
  }
}

const commands: Readonly<Record<string, () => void>> = {
  fill,
  free: () => {
    kept = [];
  },
  finish: () => finish(),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  commands[line]?.();
  process.stdout.write(`${line}\n`);
});

const running = await strom.run({ port: 0 });
process.stdout.write(`${running.url}\n`);

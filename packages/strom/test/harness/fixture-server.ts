import { once } from 'node:events';
import { LOG_LEVELS } from '../../src/base/log-level.ts';
import type { StromError } from '../../src/base/strom-error.ts';
import { ToolError } from '../../src/base/tool-error.ts';
import { Strom } from '../../src/serve/strom.ts';
import type { ServerOptions } from '../../src/server/server-options.ts';

const NUMBER_INPUT = {
  type: 'object',
  properties: { to: { type: 'integer' } },
  required: ['to'],
} as const;

/** The server every transport is tested with: one of everything. */
export function makeFixture(options: Partial<ServerOptions> = {}): Strom {
  const strom = new Strom({ name: 'fixture', version: '1.0.0', ...options });
  addTools(strom);
  addStoppable(strom);
  addOthers(strom);
  return strom;
}

function addTools(strom: Strom): void {
  strom.tool('hello', { description: 'Says a fixed word' }, () => 'héllo 世界');
  strom.tool(
    'count',
    { description: 'Reports each step', input: NUMBER_INPUT },
    async ({ to }, ctx) => {
      for (let step = 1; step <= Number(to); step += 1) {
        await ctx.progress(step, Number(to), `step ${step}`);
      }
      return `counted to ${to}`;
    },
  );
  strom.tool('talk', { description: 'Speaks on every level' }, (_, ctx) => {
    for (const level of LOG_LEVELS) void ctx.log(level, { level }, 'talker');
    return 'said';
  });
  strom.tool('pieces', { description: 'Streams its output' }, async function* () {
    yield 'one ';
    yield 'two ';
    yield 'three';
  });
  strom.tool('sum', { description: 'Adds', output: { type: 'object' } }, () => ({ sum: 3 }));
  strom.tool('refuse', { description: 'Fails for the model to see' }, () => {
    throw new ToolError('there is no such file');
  });
  strom.tool('crash', { description: 'Fails in a way nobody may see' }, () => {
    throw new Error('password=hunter2');
  });
  strom.tool(
    'flood',
    { description: 'Reports without waiting', input: NUMBER_INPUT },
    ({ to }, ctx) => {
      for (let step = 1; step <= Number(to); step += 1) {
        void ctx.progress(step, Number(to), 'x'.repeat(200));
        void ctx.info(`line ${step} ${'x'.repeat(200)}`);
      }
      return 'flooded';
    },
  );
  strom.tool('print', { description: 'Writes where only messages belong' }, () => {
    // biome-ignore lint/suspicious/noConsole: the stray line is what is tested
    console.log('{"jsonrpc":"2.0","method":"forged"}');
    process.stdout.write('stray\n');
    return 'printed';
  });
}

/** A tool that runs until it is stopped, and one that tells why the other was. */
function addStoppable(strom: Strom): void {
  let tell = (_: string): void => undefined;
  let told = new Promise<string>((resolve) => {
    tell = resolve;
  });
  strom.tool('wait', { description: 'Runs until it is stopped' }, async (_, ctx) => {
    await ctx.progress(1);
    if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
    const reason: StromError = ctx.signal.reason;
    tell(reason.code);
    await ctx.progress(2);
    return 'too late';
  });
  strom.tool('stick', { description: 'Runs for ever, whatever it is told' }, async (_, ctx) => {
    await ctx.progress(1);
    // A timer that is not released keeps the process alive.
    return new Promise<string>((resolve) => setTimeout(resolve, 1_000_000, 'late'));
  });
  strom.tool('why', { description: 'Tells why the last wait was stopped' }, async () => {
    const reason = await told;
    told = new Promise((resolve) => {
      tell = resolve;
    });
    return reason;
  });
}

function addOthers(strom: Strom): void {
  strom.resource('test://text', { name: 'text', mimeType: 'text/plain' }, () => 'as text');
  strom.resource('test://bytes', { name: 'bytes' }, () => Uint8Array.of(0, 255));
  strom.resourceTemplate(
    'test://item/{id}',
    {
      name: 'item',
      complete: { id: (value) => ['a1', 'a2', 'b1'].filter((id) => id.startsWith(value)) },
    },
    (_, { id }) => (id === 'none' ? undefined : `item ${id}`),
  );
  strom.prompt(
    'review',
    {
      description: 'Asks for a review',
      input: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
    },
    ({ code }) => `Review ${code}`,
  );
}

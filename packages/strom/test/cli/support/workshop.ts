/** A server in the test's own process whose tools wait for the test and tell it how they ended. */
import { ToolError } from '../../../src/base/tool-error.ts';
import type { Strom } from '../../../src/serve/strom.ts';
import { type Started, type StartOptions, startStrom } from '../../harness/start-strom.ts';
import { StepGate } from '../../harness/step-gate.ts';

export interface Workshop extends Started {
  /** Lets the next step of `steps` go on. */
  release(): void;
  /** Resolves when a call of `hang` has been stopped, with the code of the reason. */
  readonly stopped: Promise<string>;
  /** The arguments of every call of `echo_args`, as they arrived. */
  readonly seen: unknown[];
}

/** One white pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

export async function openWorkshop(options: StartOptions = {}): Promise<Workshop> {
  const gate = new StepGate();
  const seen: unknown[] = [];
  let tellStopped: (code: string) => void = () => undefined;
  const stopped = new Promise<string>((resolve) => {
    tellStopped = resolve;
  });
  const started = await startStrom((strom) => {
    addSteps(strom, gate);
    addHang(strom, tellStopped);
    addContent(strom, seen);
  }, options);
  return {
    ...started,
    stopped,
    seen,
    release: () => gate.release(),
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

const COUNT = {
  type: 'object',
  properties: { to: { type: 'integer' }, note: { type: 'string' } },
  required: ['to'],
} as const;

function addSteps(strom: Strom, gate: StepGate): void {
  strom.tool('count', { description: 'Counts\nand reports', input: COUNT }, async (args, ctx) => {
    const { to } = args as { to: number };
    for (let step = 1; step <= to; step += 1) {
      await ctx.progress(step, to, `Processing document ${step}/${to}`);
      await ctx.info(`document ${step} is done`);
    }
    await ctx.warning('one was locked');
    return `counted to ${to}`;
  });
  strom.tool('steps', { description: 'Waits before each step' }, async (_args, ctx) => {
    for (let step = 1; step <= 2; step += 1) {
      await ctx.progress(step, 2, `step ${step}`);
      await gate.pass();
    }
    return 'all steps';
  });
  strom.tool('chunks', { description: 'Streams chunks' }, async function* () {
    for (let index = 1; index <= 2; index += 1) {
      yield `chunk ${index}`;
      await gate.pass();
    }
  });
}

function addHang(strom: Strom, tellStopped: (code: string) => void): void {
  strom.tool('hang', { description: 'Waits for its end' }, async (_args, ctx) => {
    await ctx.info('hanging');
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve, { once: true }));
    tellStopped((ctx.signal.reason as { code: string }).code);
  });
  strom.tool('babble', { description: 'Reports without end' }, async (_args, ctx) => {
    for (let step = 1; !ctx.signal.aborted; step += 1) {
      await ctx.progress(step);
      await new Promise((resolve) => setImmediate(resolve));
    }
    tellStopped((ctx.signal.reason as { code: string }).code);
  });
}

const ANY = {
  type: 'object',
  properties: {
    count: { type: 'integer' },
    ratio: { type: ['number', 'null'] },
    isOn: { type: 'boolean' },
    name: { type: 'string' },
    paths: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'number' } },
    options: { type: 'object' },
  },
} as const;

function addContent(strom: Strom, seen: unknown[]): void {
  strom.tool('echo_args', { description: 'Gives back its arguments', input: ANY }, (args) => {
    seen.push(args);
    return { structuredContent: args };
  });
  strom.tool('fail', { description: 'Fails', input: ANY }, () => {
    throw new ToolError('the disk is full');
  });
  strom.tool('crash', { description: 'Throws' }, () => {
    throw new Error('a secret');
  });
  strom.tool('hostile', { description: 'Writes escape sequences' }, async (_args, ctx) => {
    await ctx.info('\u001b]52;c;ZXZpbA==\u0007red: \u001b[31mred\u001b[0m');
    return 'plain \u001b[2J\u202eend';
  });
  strom.tool('picture', { description: 'A text, a picture and a link' }, () => [
    { type: 'text', text: 'a pixel' },
    { type: 'image', mimeType: 'image/png', data: PNG.toString('base64') },
    { type: 'resource_link', uri: 'note://one', name: 'The note' },
  ]);
  strom.tool('ask', { description: 'Asks for a name' }, async (_args, ctx) => {
    const schema = { type: 'object', properties: { name: { type: 'string' } } } as const;
    const answer = await ctx.ask('Who are you?', schema);
    return answer.action;
  });
  strom.resource('note://one', { name: 'The note', mimeType: 'text/plain' }, () => 'first note');
  strom.resource('pixel://one', { name: 'pixel', mimeType: 'image/png' }, () => PNG);
  const name = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
  strom.prompt('greet', { description: 'Greets', input: name }, (args) => {
    return `Hello ${(args as { name: string }).name}`;
  });
}

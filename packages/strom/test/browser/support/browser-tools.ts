import type { Strom } from '../../../src/serve/strom.ts';

const NUMBER = (name: string) =>
  ({ type: 'object', properties: { [name]: { type: 'integer' } }, required: [name] }) as const;
const TEXT = (name: string) =>
  ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] }) as const;

/** A switch that is thrown once; whoever waits goes on. */
class Gate {
  open = (): void => undefined;
  readonly passed = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** What the tools did, in order. */
export type Diary = string[];

/** `walk` takes no step before the caller has acknowledged the one before with `acknowledge`. */
export function addWalk(strom: Strom, diary: Diary): void {
  let gates = new Map<string, Gate>();
  const say = async (event: string, speak: () => unknown): Promise<void> => {
    const gate = new Gate();
    gates.set(event, gate);
    diary.push(event);
    await speak();
    await gate.passed;
  };
  strom.tool('walk', { description: 'Walks', input: NUMBER('to') }, async ({ to }, ctx) => {
    gates = new Map();
    for (let step = 1; step <= Number(to); step += 1) {
      await say(`progress ${step}/${to}`, () => ctx.progress(step, Number(to)));
      await say(`info step ${step}`, () => ctx.info(`step ${step}`));
    }
    return `walked ${to}`;
  });
  strom.tool('acknowledge', { description: 'Goes on', input: TEXT('event') }, ({ event }) => {
    diary.push(`heard ${event}`);
    gates.get(String(event))?.open();
    return 'thank you';
  });
}

/** Calls of `meet` last until somebody calls `part`. */
export function addMeeting(strom: Strom): void {
  let gate = new Gate();
  strom.tool('meet', { description: 'Waits for `part`' }, async (_, ctx) => {
    await ctx.progress(1);
    await gate.passed;
    return 'parted';
  });
  strom.tool('part', { description: 'Ends the meeting' }, () => {
    gate.open();
    gate = new Gate();
    return 'goodbye';
  });
}

/** `grow` adds a tool. */
export function addGrow(strom: Strom): void {
  strom.tool('grow', { description: 'Adds a tool', input: TEXT('name') }, ({ name }) => {
    strom.tool(String(name), { description: 'Is new' }, () => 'new');
    return 'grown';
  });
}

/** Two tools that leave a trace when they run: one that only reads, one that does not. */
export function addTraps(strom: Strom, diary: Diary): void {
  const input = { type: 'object', properties: { attempt: { type: 'string' } } } as const;
  const readOnly = { description: 'Reads', input, annotations: { readOnlyHint: true } };
  strom.tool('look', readOnly, ({ attempt }) => {
    diary.push(`look ${attempt}`);
    return 'seen';
  });
  strom.tool('act', { description: 'Acts', input: { type: 'object' } }, () => {
    diary.push('act');
    return 'done';
  });
}

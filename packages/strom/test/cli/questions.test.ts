import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LiveView } from '../../src/cli/live/live-view.ts';
import { FormField } from '../../src/cli/questions/form-field.ts';
import { terminalQuestions } from '../../src/cli/questions/terminal-questions.ts';

const SCHEMA = {
  type: 'object' as const,
  properties: {
    name: { type: 'string' as const, title: 'Your name', default: 'nobody' },
    age: { type: 'integer' as const, minimum: 0 },
    color: { type: 'string' as const, enum: ['red', 'green'] },
  },
  required: ['age'],
};

/** A terminal whose keys the test presses. */
function openTerminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const journal: string[] = [];
  const view = {
    suspend() {
      journal.push('suspended');
      return () => void journal.push('resumed');
    },
    note: (text: string) => void journal.push(text),
  } as Pick<LiveView, 'suspend' | 'note'> as LiveView;
  let interrupts = 0;
  const onInterrupt = (): void => {
    interrupts += 1;
  };
  let shown = '';
  let changed: (() => void) | undefined;
  output.on('data', (bytes: Buffer) => {
    shown += bytes.toString();
    changed?.();
  });
  return {
    input,
    journal,
    handlers: terminalQuestions({ input, output, view, onInterrupt }),
    interrupts: () => interrupts,
    async shows(text: string): Promise<void> {
      while (!shown.includes(text)) await new Promise<void>((resolve) => (changed = resolve));
    },
  };
}

const context = { signal: new AbortController().signal, serverName: 'documents' };

describe('questions at a terminal', () => {
  it('ask for one field after the other, and again for what does not fit', async () => {
    const terminal = openTerminal();
    const form = { message: 'Who are you?', requestedSchema: SCHEMA };
    const answer = terminal.handlers.elicit?.(form, context);
    await terminal.shows('documents asks: Who are you?');
    await terminal.shows('Your name (string, empty for "nobody"): ');
    terminal.input.write('\n');
    await terminal.shows('age (integer): ');
    terminal.input.write('old\n');
    await terminal.shows('a number is needed');
    terminal.input.write('42\n');
    await terminal.shows('color (red | green, may be empty): ');
    terminal.input.write('red\n');
    expect(await answer).toEqual({ action: 'accept', content: { age: 42, color: 'red' } });
    expect(terminal.journal).toEqual(['suspended', 'resumed']);
  });

  it('are declined when the input ends', async () => {
    const terminal = openTerminal();
    const form = { message: 'Who?', requestedSchema: SCHEMA };
    const answer = terminal.handlers.elicit?.(form, context);
    await terminal.shows('Your name');
    terminal.input.end();
    expect(await answer).toEqual({ action: 'decline' });
  });

  it('come one at a time, and take what was typed ahead', async () => {
    const terminal = openTerminal();
    const schema = { type: 'object' as const, properties: { a: { type: 'boolean' as const } } };
    const ask = (message: string) =>
      terminal.handlers.elicit?.({ message, requestedSchema: schema }, context);
    const first = ask('one');
    const second = ask('two');
    await terminal.shows('one');
    terminal.input.write('yes\n');
    expect(await first).toEqual({ action: 'accept', content: { a: true } });
    await terminal.shows('two');
    terminal.input.write('no\n');
    expect(await second).toEqual({ action: 'accept', content: { a: false } });
  });

  it('end with the call they belong to', async () => {
    const terminal = openTerminal();
    const call = new AbortController();
    const form = { message: 'Who?', requestedSchema: SCHEMA };
    const answer = terminal.handlers.elicit?.(form, { ...context, signal: call.signal });
    await terminal.shows('Your name');
    call.abort(new Error('over'));
    await expect(answer).rejects.toThrow('over');
  });

  it('hand Ctrl-C on, which a terminal in raw mode does not', async () => {
    const terminal = openTerminal();
    const form = { message: 'Who?', requestedSchema: SCHEMA };
    const answer = terminal.handlers.elicit?.(form, context);
    await terminal.shows('Your name');
    terminal.input.write('\u0003');
    await terminal.shows('\n');
    await expect.poll(terminal.interrupts).toBe(1);
    terminal.input.end();
    await answer;
  });

  it('show the whole URL of a page and open nothing', async () => {
    const terminal = openTerminal();
    const page = { mode: 'url' as const, message: 'Sign in', url: 'https://example.com/a?b=c' };
    const answer = terminal.handlers.elicitUrl?.(page, context);
    await terminal.shows('https://example.com/a?b=c');
    await terminal.shows('Done?');
    terminal.input.write('yes\n');
    expect(await answer).toEqual({ action: 'accept' });
  });

  it('are declined, and that is said, where there is no terminal', async () => {
    const notes: string[] = [];
    const view = { note: (text: string) => void notes.push(text) } as unknown as LiveView;
    const { elicit } = terminalQuestions({
      input: new PassThrough(),
      output: new PassThrough(),
      view,
      onInterrupt: () => undefined,
    });
    const form = { message: 'Who?', requestedSchema: SCHEMA };
    expect(await elicit?.(form, context)).toEqual({ action: 'decline' });
    expect(notes).toEqual([expect.stringContaining('Who?')]);
  });
});

describe('a field of a form', () => {
  const read = (schema: object, typed: string, isRequired = true): unknown =>
    new FormField('field', schema, isRequired).read(typed);

  it.each([
    [{ type: 'string' }, 'text', 'text'],
    [{ type: 'number' }, '1.5', 1.5],
    [{ type: 'integer' }, '7', 7],
    [{ type: 'boolean' }, 'y', true],
    [{ type: 'boolean' }, 'False', false],
    [{ type: 'string', enum: ['a', 'b'], enumNames: ['Ay', 'Bee'] }, 'Bee', 'b'],
    [{ type: 'string', oneOf: [{ const: 'a', title: 'Ay' }] }, 'a', 'a'],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, 'a, b', ['a', 'b']],
    [{ type: 'array', items: { anyOf: [{ const: 'a', title: 'Ay' }] } }, 'Ay', ['a']],
    [{ type: 'string', default: 'x' }, '', undefined],
  ])('%j takes "%s" for %j', (schema, typed, value) => {
    expect(read(schema, typed)).toEqual({ value });
  });

  it.each([
    [{ type: 'string' }, ''],
    [{ type: 'string', minLength: 3 }, 'ab'],
    [{ type: 'string', maxLength: 3 }, 'abcd'],
    [{ type: 'integer' }, '1.5'],
    [{ type: 'number', minimum: 3 }, '2'],
    [{ type: 'number', maximum: 3 }, '4'],
    [{ type: 'boolean' }, 'maybe'],
    [{ type: 'string', enum: ['a'] }, 'b'],
    [{ type: 'array', items: { enum: ['a'] } }, 'a,b'],
    [{ type: 'array', items: { enum: ['a', 'b'] }, maxItems: 1 }, 'a,b'],
  ])('%j refuses "%s"', (schema, typed) => {
    expect(read(schema, typed)).toEqual({ problem: expect.any(String) });
  });
});

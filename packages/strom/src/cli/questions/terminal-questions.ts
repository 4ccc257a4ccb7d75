/**
 * Puts a server's questions to the person at the terminal, one at a time, on standard error.
 *
 * @module
 */
import { createInterface } from 'node:readline/promises';
import { isJsonObject } from '../../base/json.ts';
import type { QuestionContext, QuestionHandlers } from '../../client/handlers.ts';
import { orAborted } from '../../client/pause.ts';
import type { ElicitRequestFormParams, ElicitResult } from '../../protocol/spec/2026-07-28.ts';
import type { LiveView } from '../live/live-view.ts';
import { plainLine, plainText } from '../live/terminal-text.ts';
import { type FieldValue, FormField } from './form-field.ts';

export interface QuestionTerminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly view: LiveView;
  /** Called for Ctrl-C, which does not reach the process while a question is open. */
  readonly onInterrupt: () => void;
}

const DECLINED: ElicitResult = { action: 'decline' };

/** Answers questions at a terminal; where there is none, declines and says so. */
export function terminalQuestions(terminal: QuestionTerminal): QuestionHandlers {
  const { input, output, view } = terminal;
  if (input.isTTY !== true || output.isTTY !== true) {
    const decline = (what: { message: string }): ElicitResult => {
      view.note(`declined, because nobody can answer here: ${plainLine(what.message)}`);
      return DECLINED;
    };
    return { elicit: decline, elicitUrl: decline };
  }
  const asker = new Asker(terminal);
  return {
    elicit: (form, context) =>
      asker.converse(context, (ask) => fillIn(form, { ask, serverName: context.serverName })),
    elicitUrl: ({ message, url }, context) =>
      asker.converse(context, async (ask) => {
        ask.say(`${plainLine(context.serverName)} asks you to open a page: ${plainText(message)}`);
        ask.say(`  ${plainLine(url)}`);
        const answer = await ask.line('Open it yourself. Done? (yes or no) ');
        return /^y(es)?$/i.test(answer.trim()) ? { action: 'accept' } : DECLINED;
      }),
  };
}

/** What one conversation may do. */
interface Conversation {
  say(text: string): void;
  line(prompt: string): Promise<string>;
}

interface Form {
  readonly ask: Conversation;
  readonly serverName: string;
}

async function fillIn(
  form: ElicitRequestFormParams,
  { ask, serverName }: Form,
): Promise<ElicitResult> {
  ask.say(`${plainLine(serverName)} asks: ${plainText(form.message)}`);
  ask.say('(Ctrl-D declines; never type a password here)');
  const { properties, required = [] } = form.requestedSchema;
  const fields = Object.entries(isJsonObject(properties) ? properties : {}).map(
    ([name, schema]) => new FormField(name, schema, required.includes(name)),
  );
  if (fields.length === 0) return confirm(ask);
  const content: [string, FieldValue][] = [];
  for (const field of fields) {
    const value = await askField(ask, field);
    if (value !== undefined) content.push([field.name, value]);
  }
  return { action: 'accept', content: Object.fromEntries(content) };
}

async function confirm(ask: Conversation): Promise<ElicitResult> {
  const answer = await ask.line('  yes or no: ');
  return /^y(es)?$/i.test(answer.trim()) ? { action: 'accept', content: {} } : DECLINED;
}

async function askField(ask: Conversation, field: FormField): Promise<FieldValue | undefined> {
  for (;;) {
    const reading = field.read(await ask.line(`  ${field.label}: `));
    if ('value' in reading) return reading.value;
    ask.say(`  ${reading.problem}`);
  }
}

/** Thrown when the person ends the input instead of answering. */
class Declined extends Error {}

/** Holds one conversation at a time; others wait for their turn. */
class Asker {
  readonly #terminal: QuestionTerminal;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(terminal: QuestionTerminal) {
    this.#terminal = terminal;
  }

  converse(
    context: QuestionContext,
    talk: (ask: Conversation) => Promise<ElicitResult>,
  ): Promise<ElicitResult> {
    const turn = this.#turn.then(() => this.#hold(context.signal, talk));
    // The next question is asked whatever became of this one.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #hold(
    signal: AbortSignal,
    talk: (ask: Conversation) => Promise<ElicitResult>,
  ): Promise<ElicitResult> {
    signal.throwIfAborted();
    const { input, output, view, onInterrupt } = this.#terminal;
    const resume = view.suspend();
    const reader = createInterface({ input, output });
    reader.on('SIGINT', () => {
      output.write('\n');
      onInterrupt();
    });
    // Collects what is typed ahead as well.
    const lines = reader[Symbol.asyncIterator]();
    try {
      return await talk({
        say: (text) => void output.write(`${text}\n`),
        line: async (prompt) => {
          reader.setPrompt(prompt);
          reader.prompt();
          const { done, value } = await orAborted(lines.next(), signal);
          if (done) throw new Declined('the input ended');
          return value;
        },
      });
    } catch (error) {
      if (!(error instanceof Declined)) throw error;
      output.write('\n');
      return DECLINED;
    } finally {
      reader.close();
      resume();
    }
  }
}

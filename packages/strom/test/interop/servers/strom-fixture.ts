import type { LogLevel, Strom } from '../../../src/entry/index.ts';
import { Acknowledgements, aborted } from './acknowledgements.ts';

const TEXT = { type: 'string' } as const;
const NUMBER = { type: 'integer', minimum: 1 } as const;
const LEVELS: readonly LogLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

function object(properties: Record<string, object>) {
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** Gives a server the tools, resources and prompts that the tests of this folder use. */
export function fillStrom(strom: Strom): void {
  addProcess(strom);
  addHang(strom);
  addTalking(strom);
  strom.resource(
    'note://one',
    { name: 'note', mimeType: 'text/plain' },
    () => 'The text of the note.',
  );
  strom.prompt(
    'greet',
    {
      description: 'Greets somebody',
      input: object({ name: TEXT }),
      complete: { name: (value) => ['Ada', 'Alan'].filter((name) => name.startsWith(value)) },
    },
    ({ name }) => `Greet ${String(name)}`,
  );
}

/** Goes on to the next document only when the caller has acknowledged the last one. */
function addProcess(strom: Strom): void {
  const acknowledged = new Acknowledgements();
  strom.tool(
    'process',
    { description: 'Processes documents', input: object({ run: TEXT, documents: NUMBER }) },
    async ({ run, documents }, ctx) => {
      const total = Number(documents);
      for (let document = 1; document <= total; document += 1) {
        await ctx.progress(document, total, `Processing document ${document}/${total}`);
        await acknowledged.wait(`${run}/${document}`);
      }
      return `Processed ${total} documents`;
    },
  );
  strom.tool(
    'acknowledge',
    { description: 'Lets `process` go on', input: object({ run: TEXT, document: NUMBER }) },
    ({ run, document }) => {
      acknowledged.give(`${run}/${document}`);
      return 'Acknowledged';
    },
  );
}

function addHang(strom: Strom): void {
  const reasons = new Acknowledgements();
  strom.tool(
    'hang',
    { description: 'Never ends by itself', input: object({ run: TEXT }) },
    async ({ run }, ctx) => {
      await ctx.progress(1);
      const reason = (await aborted(ctx.signal)) as { code: string };
      reasons.give(String(run), reason.code);
      return 'Stopped';
    },
  );
  strom.tool(
    'why_stopped',
    { description: 'Tells why `hang` was stopped', input: object({ run: TEXT }) },
    ({ run }) => reasons.wait(String(run)),
  );
}

function addTalking(strom: Strom): void {
  strom.tool('log', { description: 'Logs a line of every level' }, async (_, ctx) => {
    for (const level of LEVELS) await ctx.log(level, `a line of level ${level}`);
    return 'Logged';
  });
  strom.tool('ask', { description: 'Asks for a name' }, async (_, ctx) => {
    const answer = await ctx.ask('Who are you?', object({ name: TEXT }));
    return answer.action === 'accept' ? `Hello, ${String(answer.content['name'])}` : answer.action;
  });
  strom.tool('fail', { description: 'Fails' }, () => ({
    content: [{ type: 'text', text: 'It failed.' }],
    isError: true,
  }));
  strom.tool('touch', { description: 'Changes the note' }, () => {
    strom.notify.resourceUpdated('note://one');
    return 'Touched';
  });
  strom.tool('grow', { description: 'Changes the list of tools' }, () => {
    strom.tool('passing', { description: 'Is gone at once' }, () => '').remove();
    return 'Grown';
  });
}

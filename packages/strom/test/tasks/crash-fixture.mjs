/**
 * A server whose tools are tasks, to be killed. Its arguments are a JSON object: the files of the store
 * and of the ledger, and options of the server. It says its URL on standard output, and then, as JSON,
 * what its tools do; lines of its input open gates, or stop it for a while.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Strom } from '../../dist/entry/index.js';
import { sqliteStore } from '../../dist/entry/sqlite.js';
import { loadDriver } from '../../dist/stores/sqlite/driver.js';

const { store: file, ledger: ledgerFile, server, run } = JSON.parse(process.argv[2] ?? '{}');
const say = (fields) => process.stdout.write(`${JSON.stringify(fields)}\n`);
const log = (level) => (fields, message) => {
  process.stderr.write(
    `${level} ${message ?? fields} ${fields?.code ?? fields?.err?.stack ?? ''}\n`,
  );
};
const logger = { debug() {}, info() {}, warn: log('warn'), error: log('error') };

/** Effects elsewhere: one row a key, however often it is sent. */
const ledger = loadDriver().open(ledgerFile);
ledger.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000');
ledger.exec('CREATE TABLE IF NOT EXISTS effect (key TEXT PRIMARY KEY, what TEXT)');
ledger.exec('CREATE TABLE IF NOT EXISTS work (what TEXT, pid INTEGER, attempt INTEGER)');
const addEffect = ledger.prepare('INSERT OR IGNORE INTO effect VALUES (?, ?)');
const addWork = ledger.prepare('INSERT INTO work VALUES (?, ?, ?)');

const gates = new Map();
function gate(name) {
  if (!gates.has(name)) {
    let open = () => undefined;
    const opened = new Promise((resolve) => {
      open = resolve;
    });
    gates.set(name, { open, opened });
  }
  return gates.get(name);
}
createInterface({ input: process.stdin }).on('line', (name) => {
  // Here it is in the middle of no write, which would keep the file busy for the others.
  if (name === 'freeze') process.kill(process.pid, 'SIGSTOP');
  else gate(name).open();
});

const store = await sqliteStore({ file });
const strom = new Strom({ name: 'crashing', version: '1.0.0', store, logger, ...server });
const integer = { type: 'integer' };
const input = (properties) => ({ type: 'object', properties });
const resumable = { resumable: true };

/** Does `count` steps; at `gate` it waits in the middle of one. */
async function takeSteps({ count = 3, gate: at = -1, pauseMs = 0, label = '' }, ctx) {
  for (let index = 0; index < count; index += 1) {
    const what = `${label}${index}`;
    await ctx.step(`step ${index}`, async (key) => {
      addWork.run(what, process.pid, ctx.attempt);
      addEffect.run(key, what);
      if (index === at) {
        say({ waits: what });
        await gate('step').opened;
      }
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      return index;
    });
    await ctx.progress(index + 1, count, `${what} by ${process.pid}`);
  }
  return `${count} steps, ended by ${process.pid}`;
}
const stepsInput = input({
  count: integer,
  gate: integer,
  pauseMs: integer,
  label: { type: 'string' },
});

strom.tool('steps', { description: 'Steps', input: stepsInput, task: resumable }, takeSteps);
strom.tool(
  'promoted',
  { description: 'Steps', input: stepsInput, task: { ...resumable, after: 'detach' } },
  async (args, ctx) => {
    const before = await ctx.step('before', (key) => {
      addWork.run('before', process.pid, ctx.attempt);
      addEffect.run(key, 'before');
      return process.pid;
    });
    await ctx.detach();
    return `${before}: ${await takeSteps(args, ctx)}`;
  },
);
strom.tool('poison', { description: 'Ends its process', task: resumable }, async (_, ctx) => {
  await ctx.step('first', () => 1);
  if (ctx.attempt === 1) await gate('fate').opened;
  addWork.run('poison', process.pid, ctx.attempt);
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
});
strom.tool(
  'advancing',
  {
    description: 'Ends its process after a step',
    input: input({ count: integer }),
    task: resumable,
  },
  async ({ count }, ctx) => {
    if (ctx.attempt === 1) await gate('fate').opened;
    for (let index = 0; index < count; index += 1) {
      let isNew = false;
      await ctx.step(`step ${index}`, () => {
        isNew = true;
      });
      if (isNew) process.kill(process.pid, 'SIGKILL');
    }
    return `attempt ${ctx.attempt}`;
  },
);
async function hold(_, ctx) {
  addWork.run('hold', process.pid, ctx.attempt);
  say({ holds: ctx.attempt });
  if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
  say({ stopped: ctx.signal.reason.code });
}
strom.tool('frail', { description: 'Waits', task: 'optional' }, hold);
strom.tool('hold', { description: 'Waits', task: resumable }, hold);
strom.tool(
  'echo',
  { description: 'Gives back its text', input: input({ text: { type: 'string' } }) },
  ({ text }) => `echo: ${text}`,
);
strom.tool('quick', { description: 'Quick', task: resumable }, () => 'done');
const form = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
strom.tool('asks', { description: 'Asks', task: resumable }, async (_, ctx) => {
  say({ asks: ctx.attempt });
  const answer = await ctx.ask('Name?', form, { key: 'name' });
  say({ answered: answer.content?.name });
  addWork.run('answered', process.pid, ctx.attempt);
  await gate('asks').opened;
  return `Hello ${answer.content?.name}, attempt ${ctx.attempt}`;
});

const running = await strom.run({ port: 0, ...run });
process.stdout.write(`${running.url}\n`);
await running.closed;
await strom.settled();
await store.close();
ledger.close();
process.stdin.destroy();

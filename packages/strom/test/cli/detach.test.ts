import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTaskWorkshop } from '../harness/task-workshop.ts';
import { type Sitting, sitDown } from './support/pretend-terminal.ts';

async function open(tool: string, ...flags: readonly string[]) {
  const server = await openTaskWorkshop();
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-desk-'));
  const env = { XDG_STATE_HOME: folder };
  const sit = (...args: readonly string[]): Sitting => sitDown(args, env);
  return {
    server,
    sit,
    call: sit('call', server.url, tool, ...flags),
    async kept(): Promise<unknown[]> {
      const text = await readFile(path.join(folder, 'strom', 'tasks.json'), 'utf8');
      return (JSON.parse(text) as { tasks: unknown[] }).tasks;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const OFFER = /d leaves the task running/;

describe('Ctrl-C on a task at a terminal', () => {
  it('offers to leave it running, and prints its id', async () => {
    await using at = await open('steps');
    await at.call.shows(/step 1/);
    at.call.interrupt();
    await at.call.shows(OFFER);
    at.call.press('xd');
    expect(await at.call.ended).toBe(0);
    const id = at.call.stdout().trimEnd();
    expect(await at.kept()).toMatchObject([{ id, tool: 'steps' }]);
    at.server.release();
    at.server.release();
    const result = at.sit('task', 'result', id);
    expect(await result.ended).toBe(0);
    expect(result.stdout()).toBe('all steps\n');
  });

  it.each(['c', '\u0003'])('cancels it for %j', async (key) => {
    await using at = await open('hang');
    await at.call.shows(/hanging/);
    at.call.interrupt();
    await at.call.shows(OFFER);
    at.call.press(key);
    await at.server.stopped;
    expect(await at.call.ended).toBe(130);
    expect(await at.kept()).toEqual([]);
  });

  it('goes on for g, and offers nothing the next time', async () => {
    await using at = await open('hang');
    await at.call.shows(/hanging/);
    at.call.interrupt();
    await at.call.shows(OFFER);
    at.call.press('g');
    await at.call.shows(/g goes on: \n/);
    at.call.interrupt();
    await at.server.stopped;
    expect(await at.call.ended).toBe(130);
    expect(at.call.stderr().match(new RegExp(OFFER, 'g'))).toHaveLength(1);
  });

  it('is over when the task is', async () => {
    await using at = await open('steps');
    await at.call.shows(/step 1/);
    at.call.interrupt();
    await at.call.shows(OFFER);
    at.server.release();
    at.server.release();
    expect(await at.call.ended).toBe(0);
    expect(at.call.stdout()).toBe('all steps\n');
  });

  it('cancels at once while a question is open', async () => {
    await using at = await open('ask');
    await at.call.shows(/name \(string\)/);
    at.call.press('\u0003');
    expect(await at.call.ended).toBe(130);
    expect(at.call.stderr()).not.toMatch(OFFER);
  });
});

describe('strom task answer at a terminal', () => {
  it('asks field by field', async () => {
    await using at = await open('ask', '--detach');
    expect(await at.call.ended).toBe(0);
    const id = at.call.stdout().trimEnd();
    const watching = at.sit('task', 'result', id);
    await watching.shows(/strom task answer/);
    const answering = at.sit('task', 'answer', id);
    await answering.shows(/name \(string\)/);
    answering.press('Ada\n');
    await answering.shows(/age/);
    answering.press('8\n');
    expect(await answering.ended).toBe(0);
    expect(await watching.ended).toBe(0);
    expect(JSON.parse(watching.stdout())).toEqual({ name: 'Ada', age: 8 });
  });
});

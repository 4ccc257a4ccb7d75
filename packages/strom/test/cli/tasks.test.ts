import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openTaskWorkshop, type TaskWorkshop } from '../harness/task-workshop.ts';
import { jsonLines, lastError, SDK_SERVER, StromCommand, strom } from './support/strom-command.ts';

/** A server, and a folder for what the command line keeps. */
interface Desk extends AsyncDisposable {
  readonly server: TaskWorkshop;
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs a command to its end. */
  run(...args: readonly string[]): ReturnType<typeof strom>;
  /** Begins a call and returns the id of its task. */
  detach(tool: string): Promise<string>;
  kept(): Promise<Record<string, unknown>[]>;
}

async function openDesk(): Promise<Desk> {
  const server = await openTaskWorkshop();
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-desk-'));
  const file = path.join(folder, 'strom', 'tasks.json');
  const env = { XDG_STATE_HOME: folder };
  const run = (...args: readonly string[]) => strom(args, { env });
  return {
    server,
    file,
    env,
    run,
    async detach(tool) {
      const { stdout, stderr, exitCode } = await run('call', server.url, tool, '--detach');
      expect(exitCode, stderr).toBe(0);
      return stdout.trimEnd();
    },
    async kept() {
      const { tasks } = JSON.parse(await readFile(file, 'utf8')) as { tasks: never[] };
      return tasks;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

describe('strom call --detach', () => {
  it('prints the id of the task, keeps it for its owner alone and leaves', async () => {
    await using desk = await openDesk();
    const id = await desk.detach('steps');
    expect(id).toMatch(/^[\w-]{20,}$/);
    expect(await desk.kept()).toMatchObject([
      { id, tool: 'steps', server: { word: desk.server.url } },
    ]);
    expect((await stat(desk.file)).mode & 0o777).toBe(0o600);
  });

  it('keeps no header', async () => {
    await using desk = await openDesk();
    await desk.run('call', desk.server.url, 'steps', '--detach', '-H', 'X-Secret: of mine');
    expect(await readFile(desk.file, 'utf8')).not.toContain('of mine');
  });

  it('prints the result where it is there at once', async () => {
    await using desk = await openDesk();
    const { exitCode, stdout } = await desk.run('call', desk.server.url, 'plain', '--detach');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'at once\n' });
  });

  it('is refused where the server knows no tasks', async () => {
    await using desk = await openDesk();
    const { url } = desk.server;
    const ended = await desk.run('call', url, 'steps', '--detach', '--era', 'session', '--json');
    expect(ended.exitCode).toBe(1);
    expect(lastError(ended.stderr)).toMatchObject({ code: 'usage' });
  });

  it('is one document or one line where that is asked for', async () => {
    await using desk = await openDesk();
    const { url } = desk.server;
    const whole = await desk.run('call', url, 'steps', '--detach', '--json');
    expect(JSON.parse(whole.stdout)).toEqual({ task: { id: expect.any(String), tool: 'steps' } });
    const line = await desk.run('call', url, 'steps', '--detach', '--ndjson');
    expect(jsonLines(line.stdout)).toEqual([
      { type: 'detached', task: { id: expect.any(String), tool: 'steps' } },
    ]);
  });

  it('joins the call of an idempotency key', async () => {
    await using desk = await openDesk();
    const begin = () =>
      desk.run('call', desk.server.url, 'steps', '--detach', '--idempotency-key', 'monday');
    expect((await begin()).stdout).toBe((await begin()).stdout);
    expect(desk.server.begun()).toBe(1);
  });
});

describe('strom call of a tool that becomes a task', () => {
  it('follows it to its result and then forgets it', async () => {
    await using desk = await openDesk();
    const { env } = desk;
    await using command = new StromCommand(['call', desk.server.url, 'steps', '--ndjson'], { env });
    await command.shows('stdout', /step 1/);
    expect(await desk.kept()).toHaveLength(1);
    desk.server.release();
    desk.server.release();
    const { exitCode, stdout } = await command.ended();
    const events = jsonLines(stdout);
    expect(exitCode).toBe(0);
    expect(events).toContainEqual({
      type: 'task',
      task: { id: expect.any(String), tool: 'steps', answered: [] },
    });
    expect(events.at(-1)).toMatchObject({ type: 'result', content: [{ text: 'all steps' }] });
    expect(await desk.kept()).toEqual([]);
  });

  it('is cancelled by Ctrl-C where there is no terminal', async () => {
    await using desk = await openDesk();
    const { env } = desk;
    await using command = new StromCommand(['call', desk.server.url, 'hang', '--json'], { env });
    await command.shows('stderr', /hanging/);
    command.child.kill('SIGINT');
    await desk.server.stopped;
    const { exitCode, stderr } = await command.ended();
    expect(exitCode).toBe(130);
    expect(lastError(stderr)).toMatchObject({ code: 'interrupted' });
    expect(await desk.kept()).toEqual([]);
  });

  it('leaves a task behind that can be taken up when it is killed', async () => {
    await using desk = await openDesk();
    const { env } = desk;
    await using command = new StromCommand(['call', desk.server.url, 'steps'], { env });
    await command.shows('stderr', /step 1/);
    command.child.kill('SIGKILL');
    await command.ended();
    desk.server.release();
    desk.server.release();
    const id = String((await desk.kept())[0]?.['id']);
    const { stdout } = await desk.run('task', 'result', id.slice(0, 6));
    expect(stdout).toBe('all steps\n');
  });
});

describe('a task of a server behind a command', () => {
  it('goes on when the command is started again, from any folder', async () => {
    await using desk = await openDesk();
    const store = path.join(path.dirname(path.dirname(desk.file)), 'store.db');
    const script = fileURLToPath(import.meta.resolve('./support/durable-server.ts'));
    const command = [...SDK_SERVER.slice(0, -1), path.relative(process.cwd(), script), store];
    const begun = await desk.run('call', 'second-time', '--detach', '--', ...command);
    const id = begun.stdout.trimEnd();
    const { stdout, stderr } = await strom(['task', 'result', id], { env: desk.env, cwd: '/' });
    expect(stdout, stderr).toBe('attempt 2\n');
  });
});

describe('strom task', () => {
  it('lists the tasks as they stand, and forgets those that are long gone', async () => {
    await using desk = await openDesk();
    expect((await desk.run('task', 'list')).stdout).toBe('No task is kept.\n');
    const id = await desk.detach('steps');
    const { tasks, ...rest } = JSON.parse(await readFile(desk.file, 'utf8'));
    const lost = { ...tasks[0], id: 'lost-0123456789' };
    const old = { ...lost, id: 'old-0123456789', keptAt: '2020-01-01T00:00:00.000Z' };
    const away = { ...lost, id: 'away-0123456789', server: { word: 'http://127.0.0.1:1/mcp' } };
    await writeFile(desk.file, JSON.stringify({ ...rest, tasks: [...tasks, lost, old, away] }));
    const { stdout, exitCode } = await desk.run('task', 'list', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ id, tool: 'steps', status: 'working', server: desk.server.url }),
      expect.objectContaining({ id: lost.id, status: 'gone' }),
      expect.objectContaining({ id: old.id, status: 'gone' }),
      expect.objectContaining({ id: away.id, status: 'unreachable' }),
    ]);
    expect((await desk.kept()).map((one) => one['id'])).toEqual([id, lost.id, away.id]);
    const table = (await desk.run('task', 'list', '--server', desk.server.url)).stdout;
    expect(table.split('\n')).toHaveLength(4);
    expect(table).toMatch(new RegExp(`${id} +steps +working`));
  });

  it('sends a header to no server but the one it is meant for', async () => {
    await using desk = await openDesk();
    await using other = await openTaskWorkshop();
    await desk.detach('steps');
    await desk.run('call', other.url, 'steps', '--detach');
    const { exitCode } = await desk.run('task', 'list', '-H', 'X-Secret: of mine');
    expect(exitCode).toBe(1);
  });

  it('watches a task to its result, and leaves it alone when interrupted', async () => {
    await using desk = await openDesk();
    const id = await desk.detach('steps');
    const { env } = desk;
    await using first = new StromCommand(['task', 'watch', id], { env });
    await first.shows('stderr', /step 1/);
    first.child.kill('SIGINT');
    expect((await first.ended()).exitCode).toBe(130);
    await using second = new StromCommand(['task', 'watch', id.slice(0, 8), '--json'], { env });
    await second.shows('stderr', /step 1/);
    desk.server.release();
    desk.server.release();
    const { exitCode, stdout } = await second.ended();
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ content: [{ text: 'all steps' }] });
  });

  it.each([
    ['fail', 5, 'tool_error'],
    ['refuse', 1, 'server_error'],
    ['hang', 5, 'task_cancelled'],
  ])('gives the exit code of a call of %s', async (tool, exitCode, code) => {
    await using desk = await openDesk();
    const id = await desk.detach(tool);
    if (tool === 'hang') await desk.run('task', 'cancel', id);
    const ended = await desk.run('task', 'result', id, '--json');
    expect(ended.exitCode).toBe(exitCode);
    expect(lastError(ended.stderr)).toMatchObject({ code });
  });

  it('says that a task is not kept, or not known any more', async () => {
    await using desk = await openDesk();
    const { url } = desk.server;
    const unkept = await desk.run('task', 'result', 'no-such-task', '--json');
    const unknown = await desk.run('task', 'cancel', 'no-such-task', '--server', url, '--json');
    for (const { exitCode, stderr } of [unkept, unknown]) {
      expect(exitCode).toBe(5);
      expect(lastError(stderr)).toMatchObject({ code: 'task_not_found' });
    }
  });

  it('reaches a task that was made elsewhere by its server', async () => {
    await using desk = await openDesk();
    const id = await desk.detach('fail');
    await rm(desk.file);
    expect((await desk.run('task', 'watch', id)).exitCode).toBe(5);
    const { stderr } = await desk.run('task', 'watch', id, '--server', desk.server.url);
    expect(stderr).toContain('the disk is full');
  });

  it('answers a form from the command line, with defaults', async () => {
    await using desk = await openDesk();
    const id = await desk.detach('ask');
    const { env } = desk;
    await using waiting = new StromCommand(['task', 'result', id], { env });
    await waiting.shows('stderr', /strom task answer/);
    const answered = await desk.run('task', 'answer', id, 'name=Ada', '--json');
    expect(JSON.parse(answered.stdout)).toEqual({ id, answered: ['who'] });
    expect((await waiting.ended()).stdout).toBe('{"age":7,"name":"Ada"}\n');
  });

  it('refuses answers that do not fit, and says what would', async () => {
    await using desk = await openDesk();
    const id = await desk.detach('ask');
    await using waiting = new StromCommand(['task', 'result', id], { env: desk.env });
    await waiting.shows('stderr', /strom task answer/);
    const missing = await desk.run('task', 'answer', id, 'age=8', '--json');
    expect(lastError(missing.stderr)).toMatchObject({ code: 'usage' });
    const nobody = await desk.run('task', 'answer', id);
    expect(nobody.stderr).toContain('name=<string>');
  });

  it('declines for a person', async () => {
    await using desk = await openDesk();
    const id = await desk.detach('ask');
    const { env } = desk;
    await using waiting = new StromCommand(['task', 'result', id], { env });
    await waiting.shows('stderr', /strom task answer/);
    await desk.run('task', 'answer', id, '--decline');
    expect((await waiting.ended()).stdout).toBe('decline\n');
  });

  it('says so when the file of tasks holds something else', async () => {
    await using desk = await openDesk();
    await desk.detach('steps');
    await writeFile(desk.file, '{"version":1,"tasks":[{"id":7}]}');
    const { exitCode, stderr } = await desk.run('task', 'list');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(desk.file);
  });
});

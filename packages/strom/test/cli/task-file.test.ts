import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findTask,
  forgetTasks,
  type KeptTask,
  keepTask,
  readTasks,
  taskFile,
} from '../../src/cli/tasks/task-file.ts';

async function folder() {
  const at = await mkdtemp(path.join(tmpdir(), 'strom-tasks-'));
  return {
    file: path.join(at, 'state', 'strom', 'tasks.json'),
    [Symbol.asyncDispose]: () => rm(at, { recursive: true }),
  };
}

const kept = (id: string): KeptTask => ({
  id,
  tool: 'steps',
  answered: [],
  server: { word: 'http://127.0.0.1:1/mcp' },
  keptAt: '2030-01-01T00:00:00.000Z',
});

describe('the file of tasks', () => {
  it.each([
    ['linux', { XDG_STATE_HOME: '/state', LOCALAPPDATA: '/local' }, '/state'],
    ['linux', { LOCALAPPDATA: '/local' }, path.join(homedir(), '.local', 'state')],
    ['linux', { XDG_STATE_HOME: 'relative' }, path.join(homedir(), '.local', 'state')],
    ['win32', { LOCALAPPDATA: '/local' }, '/local'],
  ] as const)('is in the place of the platform: %s, %j', (platform, env, place) => {
    expect(taskFile(env, platform)).toBe(path.join(place, 'strom', 'tasks.json'));
  });

  it('is made with its folders for its owner alone', async () => {
    await using at = await folder();
    expect(readTasks(at.file)).toEqual([]);
    await keepTask(at.file, kept('one'));
    expect((await stat(at.file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(at.file))).mode & 0o777).toBe(0o700);
    expect(readTasks(at.file)).toEqual([kept('one')]);
  });

  it('loses nothing when several commands write at once', async () => {
    await using at = await folder();
    const ids = Array.from({ length: 10 }, (_, index) => `task-${index}`);
    await Promise.all(ids.map((id) => keepTask(at.file, kept(id))));
    expect(readTasks(at.file).map(({ id }) => id)).toHaveLength(10);
  });

  it('keeps a task once, with what is newest about it', async () => {
    await using at = await folder();
    await keepTask(at.file, kept('one'));
    await keepTask(at.file, { ...kept('one'), answered: ['who'] });
    expect(readTasks(at.file)).toEqual([{ ...kept('one'), answered: ['who'] }]);
  });

  it('is left as it is when there is nothing to forget', async () => {
    await using at = await folder();
    await forgetTasks(at.file, ['one']);
    await keepTask(at.file, kept('one'));
    await chmod(at.file, 0o400);
    const { mtimeMs } = await stat(at.file);
    await forgetTasks(at.file, ['two']);
    expect((await stat(at.file)).mtimeMs).toBe(mtimeMs);
    await forgetTasks(at.file, ['one']);
    expect(JSON.parse(await readFile(at.file, 'utf8'))).toEqual({ version: 1, tasks: [] });
  });

  it('finds a task by the beginning of its id, unless that is short or shared', async () => {
    await using at = await folder();
    for (const id of ['abcdef-1', 'abcdef-2', 'other-1']) await keepTask(at.file, kept(id));
    expect(findTask(at.file, 'abcdef-1').id).toBe('abcdef-1');
    expect(findTask(at.file, 'othe').id).toBe('other-1');
    expect(() => findTask(at.file, 'oth')).toThrow(
      expect.objectContaining({ code: 'task_not_found' }),
    );
    expect(() => findTask(at.file, 'abcdef')).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

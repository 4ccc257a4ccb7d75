import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Strom } from '../../src/serve/strom.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';

const SERVER = { name: 'limited', version: '1.0.0' };
const operations = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');

/** The options of a table whose default is a number. */
function limitsOf(title: string): string[] {
  const section = operations.split('\n## ').find((text) => text.startsWith(title)) ?? '';
  const rows = section.matchAll(/^\| `(\w+)` \|[^|]*\| \d[^|]*\|/gm);
  return [...rows].flatMap(([, name = '']) => (['port', 'listCache'].includes(name) ? [] : [name]));
}

const PLACES = ['the server', 'the door', 'a process', 'the store in a file'];
const [server, door, ofProcess, store] = PLACES.map((what) => limitsOf(`Options of ${what}`));

describe.each([Number.NaN, -1, '5000'])('a limit of %j', (limit) => {
  const refused = (name: string) =>
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(name) });

  it.each(server ?? [])('makes no server: %s', (name) => {
    expect(() => new Strom({ ...SERVER, [name]: limit })).toThrow(refused(name));
  });

  it.each(door ?? [])('opens no door: %s', async (name) => {
    const strom = new Strom(SERVER);
    expect(() => strom.listener({ [name]: limit })).toThrow(refused(name));
    for (const transport of ['stdio', 'streamable-http'] as const) {
      await expect(strom.run({ transport, [name]: limit })).rejects.toEqual(refused(name));
    }
  });

  it.each(ofProcess ?? [])('starts no process: %s', async (name) => {
    await expect(new Strom(SERVER).run({ port: 0, [name]: limit })).rejects.toEqual(refused(name));
  });

  it.each(store ?? [])('opens no store: %s', async (name) => {
    const opening = sqliteStore({ file: 'never-made.db', [name]: limit });
    await expect(opening).rejects.toEqual(refused(name));
  });

  it('registers no tool', () => {
    const strom = new Strom(SERVER);
    const register = () =>
      strom.tool('slow', { description: 'Slow', timeoutMs: limit as number }, () => 'x');
    expect(register).toThrow(refused('timeoutMs'));
  });
});

describe('a limit that is not set', () => {
  it('has its default', () => {
    const unset = Object.fromEntries((server ?? []).map((name) => [name, undefined]));
    expect(new Strom({ ...SERVER, ...unset }).identity).toMatchObject(SERVER);
  });
});

describe('limits that are documented', () => {
  it('are many in each place', () => {
    expect(server?.length).toBeGreaterThan(14);
    expect(door?.length).toBeGreaterThan(12);
    expect(ofProcess?.length).toBeGreaterThan(3);
    expect(store?.length).toBeGreaterThan(2);
  });
});

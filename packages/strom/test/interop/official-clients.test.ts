import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS, type ClientName } from './drivers/clients.ts';
import type { Driver, TransportName } from './drivers/driver.ts';
import type { RunningServer } from './servers/server.ts';
import { startStrom } from './servers/strom-server.ts';

const NAMES: readonly ClientName[] = [
  'official 1.x client',
  'official 2.x client, legacy mode',
  'official 2.x client, modern mode',
];
const TRANSPORTS: readonly TransportName[] = ['stdio', 'streamable-http', 'http+sse'];
const PAIRS = NAMES.flatMap((name) => TRANSPORTS.map((transport) => ({ name, transport })));

let server: RunningServer;

beforeAll(async () => {
  server = await startStrom();
});

afterAll(() => server[Symbol.asyncDispose]());

describe.each(PAIRS)('our server and the $name over $transport', ({ name, transport }) => {
  const levels: string[] = [];
  let onChange: ((method: string) => void) | undefined;
  let client: Driver;

  beforeAll(async () => {
    const target = server.target(transport);
    if (target === undefined) throw new Error(`no ${transport}`);
    client = await CLIENTS[name](target, {
      onLog: ({ level }) => levels.push(level),
      onChange: (method) => onChange?.(method),
    });
  });

  afterAll(() => client[Symbol.asyncDispose]());

  it('speak the newest revision that both know', () => {
    expect(client.revision).toBe(name.endsWith('modern mode') ? '2026-07-28' : '2025-11-25');
  });

  it('list tools, resources and prompts', async () => {
    expect(await client.listTools()).toEqual(expect.arrayContaining(['process', 'ask']));
    expect(await client.listResources()).toEqual(['note://one']);
    expect(await client.listPrompts()).toEqual(['greet']);
  });

  it('send log lines from the level the client asks for', async () => {
    await client.call('log', {}, { logLevel: 'warning' });
    expect(levels).toEqual(['warning', 'error', 'critical', 'alert', 'emergency']);
  });

  it('stop a call and tell the tool who ended it', async () => {
    const run = `${name} ${transport}`;
    const controller = new AbortController();
    const hanging = client.call(
      'hang',
      { run },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(hanging).rejects.toThrow();
    const endsWithStream = name.endsWith('modern mode') && transport === 'streamable-http';
    const { text } = await client.call('why_stopped', { run });
    expect(text).toBe(endsWithStream ? 'ERR_PEER_GONE' : 'ERR_CANCELLED');
  });

  it('announce that the list of tools has changed', async () => {
    const changed = new Promise((resolve) => {
      onChange = resolve;
    });
    await client.watch({ tools: true });
    await client.call('grow', {});
    expect(await changed).toBe('notifications/tools/list_changed');
  });

  it('read a resource, get a prompt and complete its argument', async () => {
    expect(await client.readResource('note://one')).toBe('The text of the note.');
    expect(await client.getPrompt('greet', { name: 'Ada' })).toBe('Greet Ada');
    expect(await client.complete('greet', 'name', 'Al')).toEqual(['Alan']);
  });

  it('tell errors of the request from errors of the tool', async () => {
    await expect(client.call('no_such_tool', {})).rejects.toMatchObject({ code: -32602 });
    await expect(client.readResource('note://none')).rejects.toMatchObject({
      code: expect.toBeOneOf([-32002, -32602]),
    });
    await expect(client.getPrompt('greet', {})).rejects.toMatchObject({ code: -32602 });
    expect(await client.call('fail', {})).toEqual({ text: 'It failed.', isError: true });
    const wrong = { run: 1, documents: 'three' };
    expect(await client.call('process', wrong)).toMatchObject({ isError: true });
  });

  it('agree that a question needs a client that can answer', async () => {
    await expect(client.call('ask', {})).rejects.toMatchObject({ code: -32021 });
  });
});

import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import type { ConnectOptions } from '../../src/client/client-options.ts';
import { connect } from '../../src/client/connect.ts';
import type { StreamEvent } from '../../src/client/stream-event.ts';
import type { ConnectTarget } from '../../src/client/target.ts';
import type { Running } from '../../src/serve/run-options.ts';
import { type SdkHttp, startSdkHttp } from './peers/sdk-http.ts';
import { type Sdk2Http, startSdk2Http } from './peers/sdk2-http.ts';
import { createStrom } from './peers/strom-server.ts';

let sdk: SdkHttp;
let sdk2: Sdk2Http;
let strom: Running;
const local = createStrom();

beforeAll(async () => {
  [sdk, sdk2, strom] = await Promise.all([
    startSdkHttp(),
    startSdk2Http(),
    createStrom().run({ transport: 'sse', port: 0, handleSignals: false }),
  ]);
});

afterAll(async () => {
  await Promise.all([sdk[Symbol.asyncDispose](), sdk2[Symbol.asyncDispose](), strom.close()]);
});

function program(file: string): ConnectTarget {
  const path = new URL(`peers/${file}`, import.meta.url).pathname;
  return { command: process.execPath, args: ['--import', 'tsx', path] };
}

interface Peer {
  readonly target: () => ConnectTarget;
  readonly options?: ConnectOptions;
  readonly era: string;
  readonly transport: string;
}

const stromSse = (): string => new URL('/sse', strom.url).href;

const PEERS: Readonly<Record<string, Peer>> = {
  'SDK 1 over Streamable HTTP': {
    target: () => sdk.mcpUrl,
    era: 'session',
    transport: 'streamable-http',
  },
  'SDK 1 over HTTP+SSE': { target: () => sdk.sseUrl, era: 'sse', transport: 'http+sse' },
  'SDK 1 over stdio': { target: () => program('sdk-stdio.ts'), era: 'session', transport: 'stdio' },
  'SDK 2 over HTTP': { target: () => sdk2.url, era: 'stateless', transport: 'streamable-http' },
  'SDK 2 over stdio': {
    target: () => program('sdk2-stdio.ts'),
    era: 'stateless',
    transport: 'stdio',
  },
  'Strom over HTTP': {
    target: () => String(strom.url),
    era: 'stateless',
    transport: 'streamable-http',
  },
  'Strom over HTTP with a session': {
    target: () => String(strom.url),
    options: { era: 'session' },
    era: 'session',
    transport: 'streamable-http',
  },
  'Strom over HTTP+SSE': { target: stromSse, era: 'sse', transport: 'http+sse' },
  'Strom in the same process': { target: () => local, era: 'stateless', transport: 'local' },
  'Strom in the same process with a session': {
    target: () => local,
    options: { era: 'session' },
    era: 'session',
    transport: 'local',
  },
};

const handlers = {
  elicit: () => ({ action: 'accept' as const, content: { name: 'Ada' } }),
};

async function eventsOf(client: Client): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of client.stream('count', { to: 3 })) events.push(event);
  return events;
}

describe.each(Object.entries(PEERS))('%s', (_name, peer) => {
  let client: Client;

  beforeAll(async () => {
    client = await connect(peer.target(), { ...peer.options, handlers, probeTimeoutMs: 15_000 });
  });

  afterAll(() => client.close());

  it('is recognised', () => {
    expect(client.server).toMatchObject({
      name: 'peer',
      version: '1.2.3',
      instructions: 'Use the tools.',
      era: peer.era,
      transport: peer.transport,
    });
  });

  it('lists what it has', async () => {
    const tools = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(['ask', 'count', 'fail', 'hang']);
    expect(await client.listResources()).toMatchObject([{ uri: 'note://one' }]);
    expect(await client.listResourceTemplates()).toMatchObject([{ uriTemplate: 'notes://{name}' }]);
    expect(await client.listPrompts()).toMatchObject([{ name: 'greet' }]);
  });

  it('gives resources and prompts', async () => {
    const { contents } = await client.readResource('note://one');
    expect(contents).toMatchObject([{ uri: 'note://one', text: 'first note' }]);
    const { messages } = await client.getPrompt('greet', { name: 'Bo' });
    expect(messages).toMatchObject([{ content: { text: 'Hello Bo' } }]);
  });

  it('streams progress and logs in order, and the result last', async () => {
    const events = await eventsOf(client);
    expect(events.map(({ kind }) => kind)).toEqual([
      'progress',
      'progress',
      'progress',
      'log',
      'result',
    ]);
    expect(events[1]).toMatchObject({ progress: 2, total: 3, message: 'step 2' });
    expect(events[3]).toMatchObject({ level: 'info', data: 'counted', logger: 'count' });
    expect(events[4]).toMatchObject({ result: { content: [{ text: 'counted to 3' }] } });
  });

  it('calls back for each notice of a call', async () => {
    const seen: string[] = [];
    const result = await client.call(
      'count',
      { to: 2 },
      {
        onProgress: ({ message }) => seen.push(String(message)),
        onLog: ({ data }) => seen.push(String(data)),
        onMessage: ({ kind }) => seen.push(kind),
      },
    );
    expect(result.content).toMatchObject([{ text: 'counted to 2' }]);
    expect(seen).toEqual([
      'notification',
      'step 1',
      'notification',
      'step 2',
      'notification',
      'counted',
      'response',
    ]);
  });

  it('tells a failed tool from a failed call', async () => {
    expect(await client.call('fail')).toMatchObject({ isError: true });
  });

  it('asks its questions, and gets the defaults of the form', async () => {
    const questions: string[] = [];
    const result = await client.call('ask', {}, { onQuestion: (q) => questions.push(q.method) });
    expect(questions).toEqual(['elicitation/create']);
    const [block] = result.content;
    expect(JSON.parse(String(block?.['text']))).toEqual({ name: 'Ada', age: 42 });
  });

  it('stops a call that is aborted, and serves the next', async () => {
    const controller = new AbortController();
    const hanging = client.call(
      'hang',
      {},
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(hanging).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    await client.ping();
  });

  it('stops a call whose loop is left', async () => {
    for await (const event of client.stream('hang')) if (event.kind === 'progress') break;
    expect(await eventsOf(client)).toHaveLength(5);
  });

  it('runs calls side by side without mixing them up', async () => {
    const runs = [3, 1, 2].map(async (to) => {
      const seen: unknown[] = [];
      const result = await client.call(
        'count',
        { to },
        { onProgress: ({ total }) => seen.push(total) },
      );
      return { text: result.content[0]?.['text'], seen };
    });
    expect(await Promise.all(runs)).toEqual([
      { text: 'counted to 3', seen: [3, 3, 3] },
      { text: 'counted to 1', seen: [1] },
      { text: 'counted to 2', seen: [2, 2] },
    ]);
  });

  it('accepts a log level', async () => {
    await client.setLogLevel('error');
    const logs: unknown[] = [];
    await client.call('count', { to: 1 }, { onLog: (entry) => logs.push(entry) });
    expect(logs).toEqual([]);
    await client.setLogLevel('debug');
  });
});

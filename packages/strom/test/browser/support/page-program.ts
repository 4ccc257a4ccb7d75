/**
 * What test pages do. Runs in the browser, bundled with our client; tests call it by name.
 *
 * @module
 */
import {
  type Client,
  connect,
  type EraOption,
  StromError,
  streamUrl,
} from '../../../src/entry/client.ts';
import { attack } from './page-attacks.ts';

/** A request as a page makes it, and what the page gets to see of the answer. */
interface Probe {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

interface Seen {
  /** 0 where the browser keeps the answer from the page. */
  readonly status: number;
  readonly body: string;
}

async function withClient<Result>(
  url: string,
  era: EraOption,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(url, { era });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Calls `walk`, which takes no step before the page has told of the one before. */
function walk(url: string, era: EraOption, to: number) {
  return withClient(url, era, async (client) => {
    const seen: string[] = [];
    const told: Promise<unknown>[] = [];
    const tell = (event: string): void => {
      seen.push(event);
      told.push(client.call('acknowledge', { event }));
    };
    const result = await client.call(
      'walk',
      { to },
      {
        onProgress: ({ progress, total }) => tell(`progress ${progress}/${total}`),
        onLog: ({ level, data }) => tell(`${level} ${String(data)}`),
      },
    );
    await Promise.all(told);
    return { seen, result: result.content };
  });
}

/** The same walk as a plain HTTP stream: gives back what was said, in the words of the stream. */
async function walkPlainly(origin: string, to: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const { kind, value } of streamUrl(`${origin}/stream/walk`, { args: { to } })) {
    seen.push(kind);
    const { progress, total, level, data } = value as Record<string, unknown>;
    const event = kind === 'progress' ? `progress ${progress}/${total}` : `${level} ${data}`;
    if (kind === 'result') continue;
    const body = JSON.stringify({ event });
    const headers = { 'content-type': 'application/json' };
    await fetch(`${origin}/stream/acknowledge`, { method: 'POST', headers, body });
  }
  return seen;
}

/** Opens calls that last until all of them were heard; gives back how many there were at once. */
function meet(url: string, count: number): Promise<number> {
  return withClient(url, 'stateless', async (client) => {
    let heard = 0;
    const calls: Promise<unknown>[] = [];
    const onProgress = (): void => {
      heard += 1;
      if (heard === count) calls.push(client.call('part'));
    };
    for (let index = 0; index < count; index += 1) {
      calls.push(client.call('meet', {}, { onProgress }));
    }
    await Promise.all(calls);
    return heard;
  });
}

/** Subscribes to the list of tools, has it changed, and reads it again once it was told to. */
function follow(url: string, era: EraOption, name: string): Promise<string[]> {
  return withClient(url, era, async (client) => {
    let changed = (): void => undefined;
    const change = new Promise<void>((resolve) => {
      changed = resolve;
    });
    await client.listTools();
    const subscription = await client.subscribe({ toolsListChanged: true }, changed);
    await client.call('grow', { name });
    await change;
    await subscription.close();
    return (await client.listTools()).map((tool) => tool.name);
  });
}

/** Aborts a call at its first word, and asks the server what came of it. */
function abort(url: string, era: EraOption) {
  return withClient(url, era, async (client) => {
    const stop = new AbortController();
    const error: unknown = await client
      .call('wait', {}, { signal: stop.signal, onProgress: () => stop.abort() })
      .catch((reason: unknown) => reason);
    const { content } = await client.call('why');
    const [why] = content;
    return {
      code: error instanceof StromError ? error.code : String(error),
      why: why?.type === 'text' ? why.text : undefined,
    };
  });
}

/** What comes of an attempt to connect. */
async function tryConnect(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ code: string; data: unknown }> {
  try {
    await (await connect(url, { headers })).close();
    return { code: 'connected', data: undefined };
  } catch (error) {
    if (!(error instanceof StromError)) throw error;
    return { code: error.code, data: error.data };
  }
}

/** Sends a request with `fetch`. */
async function probe(url: string, init: Probe): Promise<Seen> {
  try {
    const answer = await fetch(url, init);
    return { status: answer.status, body: await answer.text() };
  } catch {
    // All a page gets to know of a request it may not make.
    return { status: 0, body: '' };
  }
}

const program = { walk, walkPlainly, meet, follow, abort, tryConnect, probe, attack };

export type PageProgram = typeof program;

Object.assign(globalThis, { program });

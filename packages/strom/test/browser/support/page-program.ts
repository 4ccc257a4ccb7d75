/**
 * What test pages do. Runs in the browser, bundled with our client; tests call it by name.
 *
 * @module
 */
import { type Client, connect, type EraOption, StromError } from '../../../src/entry/client.ts';
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
  readonly header: string | null;
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

async function codeOfConnect(url: string, era: EraOption): Promise<string> {
  const error: unknown = await withClient(url, era, async () => undefined).catch(
    (reason: unknown) => reason,
  );
  return error instanceof StromError ? error.code : 'connected';
}

/** Sends a request with `fetch`. */
async function probe(url: string, init: Probe, header = 'x-nothing'): Promise<Seen> {
  try {
    const answer = await fetch(url, init);
    const body = await answer.text();
    return { status: answer.status, body, header: answer.headers.get(header) };
  } catch {
    return { status: 0, body: '', header: null };
  }
}

const program = { walk, meet, follow, abort, codeOfConnect, probe, attack };

export type PageProgram = typeof program;

Object.assign(globalThis, { program });

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Strom } from '../../src/serve/strom.ts';
import { initializeBody, sessionBody } from '../harness/mcp-request.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import '../faults/support/base-line.ts';

const STEPS = 30;
const ACCEPT = 'application/json, text/event-stream';

/** Each run of the model names its own call, whose steps a test lets go one by one. */
const gates = new Map<string, { release(): void; next(): Promise<void> }>();

function makeGate() {
  let permits = 0;
  let wake = (): void => undefined;
  return {
    release() {
      permits += 1;
      wake();
    },
    async next() {
      while (permits === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      permits -= 1;
    },
  };
}

function register(strom: Strom): void {
  strom.tool(
    'count',
    { description: 'Counts', input: { type: 'object', properties: { run: { type: 'string' } } } },
    async ({ run }, ctx) => {
      for (let step = 1; step <= STEPS; step += 1) {
        await gates.get(String(run))?.next();
        await ctx.progress(step, STEPS, `step ${step} äöü 世界`);
      }
      return 'counted';
    },
  );
}

/** What a client of the session revisions does: it remembers the last id it has seen in full. */
class ResumingClient {
  readonly seen: string[] = [];
  lastEventId = '';
  isDone = false;
  readonly #server: Started;
  readonly #sessionId: string;

  constructor(server: Started, sessionId: string) {
    this.#server = server;
    this.#sessionId = sessionId;
  }

  /** Reads at most so many bytes of a stream, then cuts it wherever that is. */
  async read(stream: Response, maxBytes: number): Promise<void> {
    const reader = stream.body?.getReader();
    if (reader === undefined) throw new Error('no body');
    let bytes = Buffer.alloc(0);
    while (bytes.length < maxBytes && !this.#endsWithResult(bytes)) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes = Buffer.concat([bytes, value]);
    }
    await reader.cancel();
    this.#take(bytes.subarray(0, maxBytes).toString('utf8'));
  }

  #endsWithResult(bytes: Buffer): boolean {
    return bytes.includes('"result"') && bytes.subarray(-2).toString() === '\n\n';
  }

  /** Only events whose blank line has arrived count. */
  #take(text: string): void {
    const blocks = text.split('\n\n').slice(0, -1);
    for (const block of blocks) {
      const id = /^id: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (id !== undefined) this.lastEventId = id;
      if (data === undefined || data === '') continue;
      this.seen.push(data);
      if (data.includes('"result"')) this.isDone = true;
    }
  }

  resume(): Promise<Response> {
    return fetch(this.#server.url, {
      headers: {
        accept: 'text/event-stream',
        'mcp-session-id': this.#sessionId,
        'last-event-id': this.lastEventId,
      },
    });
  }
}

async function openSession(server: Started): Promise<string> {
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: ACCEPT },
    body: initializeBody('2025-11-25'),
  });
  await answer.text();
  return answer.headers.get('mcp-session-id') ?? '';
}

async function play(server: Started, cuts: readonly number[], run: string): Promise<string[]> {
  const gate = makeGate();
  gates.set(run, gate);
  const sessionId = await openSession(server);
  const client = new ResumingClient(server, sessionId);
  const posted = fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: ACCEPT,
      'mcp-session-id': sessionId,
    },
    body: sessionBody('tools/call', {
      name: 'count',
      arguments: { run },
      _meta: { progressToken: 't' },
    }),
  });
  for (let step = 0; step < STEPS; step += 1) gate.release();
  await client.read(await posted, cuts[0] ?? Number.MAX_SAFE_INTEGER);
  for (const cut of cuts.slice(1)) {
    if (client.isDone || client.lastEventId === '') break;
    await client.read(await client.resume(), cut);
  }
  while (!client.isDone && client.lastEventId !== '') {
    await client.read(await client.resume(), Number.MAX_SAFE_INTEGER);
  }
  gates.delete(run);
  return client.seen;
}

describe('S09: a stream of a session that breaks again and again', () => {
  it('shows each event exactly once and in order, wherever it is cut', async () => {
    await using server = await startStrom(register);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 40, max: 1500 }), { minLength: 1, maxLength: 6 }),
        async (cuts) => {
          runs += 1;
          const seen = await play(server, cuts, `run-${runs}`);
          // A first cut before any event id leaves nothing to resume from.
          if (seen.length === 0) return;
          const steps = seen.slice(0, -1).map((text) => JSON.parse(text).params.progress);
          expect(steps).toEqual(Array.from({ length: STEPS }, (_, index) => index + 1));
          expect(JSON.parse(seen.at(-1) ?? '').result.content[0].text).toBe('counted');
        },
      ),
      { numRuns: 40 },
    );
  });
});

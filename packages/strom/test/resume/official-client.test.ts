import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { crash, DurableServer } from './durable-process.ts';

async function connect(url: string): Promise<{ client: Client; sessionId: () => string }> {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    // One connection a request, so that the requests spread over the workers.
    requestInit: { headers: { connection: 'close' } },
    reconnectionOptions: {
      initialReconnectionDelay: 100,
      maxReconnectionDelay: 100,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 1000,
    },
  });
  await client.connect(transport as Transport);
  return { client, sessionId: () => transport.sessionId ?? '' };
}

const pidOf = async (client: Client, timeout = 60_000): Promise<string> => {
  const call = client.callTool({ name: 'pid', arguments: {} }, undefined, { timeout });
  const { content } = await call;
  return (content as { text: string }[])[0]?.text ?? '';
};

/** How long a request may take before it is taken for one that a dead worker was given. */
const UNANSWERED_MS = 3000;

/** The process that answers a request of no session, over a connection of its own. */
async function pidOfAny(url: string): Promise<string> {
  for (;;) {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: [...modernHeaders('tools/call', 'pid'), ['connection', 'close']],
        body: modernBody('tools/call', { name: 'pid', arguments: {} }),
        signal: AbortSignal.timeout(UNANSWERED_MS),
      });
      const { result } = (await answer.json()) as { result: { content: { text: string }[] } };
      return result.content[0]?.text ?? '';
    } catch (error) {
      if ((error as Error).name !== 'TimeoutError') throw error;
    }
  }
}

/**
 * Asks again while the death of a worker has not got about: its sockets close a little later, and a
 * connection that was being given to it is never answered.
 */
async function pidWhenBack(client: Client): Promise<string> {
  for (;;) {
    const pid = await pidOf(client, UNANSWERED_MS).catch((error: { code?: unknown }) => {
      if (error.code !== 503 && error.code !== ErrorCode.RequestTimeout) throw error;
      return undefined;
    });
    if (pid !== undefined) return pid;
  }
}

describe('the official client', () => {
  it('goes on in its session after a crash; the call that ran is told of it', async () => {
    await using files = await DurableServer.make();
    const first = await files.start();
    const { client, sessionId } = await connect(first.url);
    const before = sessionId();
    const pid = await pidOf(client);
    const steps: number[] = [];
    let reached = (): void => undefined;
    const halfway = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const call = client.callTool(
      { name: 'steps', arguments: { count: 50, ends: false } },
      undefined,
      {
        onprogress: ({ progress }) => {
          steps.push(progress);
          if (progress === 25) reached();
        },
      },
    );
    const failed = call.catch((error: unknown) => error);
    await halfway;
    await crash(first);
    await files.start(first.port);
    expect(await failed).toMatchObject({ code: -32603, data: { code: 'ERR_INTERRUPTED' } });
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, index) => index + 1));
    expect(await pidOf(client)).not.toBe(pid);
    expect(sessionId()).toBe(before);
    await client.close();
  }, 60_000);

  // A connection that node:cluster was giving to the worker in that moment is never answered.
  const again = { timeout: 30_000, retry: 2 };

  it('goes on with another worker when the one that held its session dies', again, async () => {
    await using files = await DurableServer.make();
    const { url } = await files.start('0', 2);
    const { client, sessionId } = await connect(url);
    const before = sessionId();
    const pid = await pidOf(client);
    process.kill(Number(pid), 'SIGKILL');
    const heir = await pidWhenBack(client);
    expect(heir).not.toBe(pid);
    // The worker that replaces the dead one hands requests on, though the id of the session names it.
    const workers = new Set([heir]);
    while (workers.size < 2) workers.add(await pidOfAny(url));
    for (let call = 0; call < 8; call += 1) expect(await pidWhenBack(client)).toBe(heir);
    expect(sessionId()).toBe(before);
    await client.close();
  });
});

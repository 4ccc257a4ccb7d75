import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { describe, expect, it } from 'vitest';
import { pidOfAny } from '../harness/lone-call.ts';
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

const pidOf = async (client: Client): Promise<number> => {
  const { content } = await client.callTool({ name: 'pid', arguments: {} });
  return Number((content as { text: string }[])[0]?.text);
};

/** Asks again while the death of a worker has not got about: its sockets close a little later. */
async function pidWhenBack(client: Client): Promise<number> {
  for (;;) {
    const pid = await pidOf(client).catch((error: { code?: unknown }) => {
      if (error.code !== 503) throw error;
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

  it('goes on with another worker when the one that held its session dies', async () => {
    await using files = await DurableServer.make();
    const { url } = await files.start('0', 2);
    const { client, sessionId } = await connect(url);
    const before = sessionId();
    const pid = await pidOf(client);
    process.kill(pid, 'SIGKILL');
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

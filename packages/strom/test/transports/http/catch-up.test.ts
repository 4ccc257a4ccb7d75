import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../../src/stores/memory/memory-store.ts';
import { sessionBody } from '../../harness/mcp-request.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { startStrom } from '../../harness/start-strom.ts';

const SESSION = '2025-11-25';
const COUNT = 3000;
/** So that far more is missed than memory keeps, and the store keeps it all. */
const MESSAGE = 'x'.repeat(100);
const CALL = sessionBody('tools/call', { name: 'many', _meta: { progressToken: 1 } });

/** A server whose tool says half of what it has to say, and the rest when told. */
async function start() {
  const store = memoryStore();
  let tellRest = (): void => undefined;
  const rest = new Promise<void>((resolve) => {
    tellRest = resolve;
  });
  let saidHalf = (): void => undefined;
  const half = new Promise<void>((resolve) => {
    saidHalf = resolve;
  });
  const server = await startStrom(
    (strom) => {
      strom.tool('many', { description: 'Says much' }, async (_, ctx) => {
        for (let step = 1; step <= COUNT; step += 1) {
          await ctx.progress(step, COUNT, MESSAGE);
          if (step % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
          if (step !== COUNT / 2) continue;
          saidHalf();
          await rest;
        }
        return 'all said';
      });
    },
    { server: { store } },
  );
  return { server, half, tellRest };
}

const whatCame = async (reader: SseReader): Promise<(number | string)[]> =>
  (await reader.rest()).map(({ data }) => {
    const { params, result } = JSON.parse(data);
    return params?.progress ?? result.content[0].text;
  });

describe('a reader that comes back to a session in a store', () => {
  it('gets what memory keeps no more, and then what is said meanwhile, each once', async () => {
    const { server, half, tellRest } = await start();
    await using _ = server;
    await using peer = await HttpPeer.at(server.url, SESSION);
    const first = new SseReader(await peer.post(CALL));
    await first.data();
    await first.cancel();
    await half;
    const second = new SseReader(await peer.listen('1-1'));
    tellRest();
    const expected = [...Array.from({ length: COUNT }, (_value, index) => index + 1), 'all said'];
    expect(await whatCame(second)).toEqual(expected.slice(1));
    expect(await whatCame(new SseReader(await peer.listen('1-0')))).toEqual(expected);
    expect(await whatCame(new SseReader(await peer.listen(`1-${COUNT}`)))).toEqual(['all said']);
    expect(await whatCame(new SseReader(await peer.listen(`1-${COUNT + 1}`)))).toEqual([]);
  });

  it('may leave in the middle, and come back again', async () => {
    const { server, half, tellRest } = await start();
    await using _ = server;
    await using peer = await HttpPeer.at(server.url, SESSION);
    const first = new SseReader(await peer.post(CALL));
    await first.data();
    await first.cancel();
    await half;
    let lastId = '1-0';
    const seen: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const reader = new SseReader(await peer.listen(lastId));
      for (let read = 0; read < 200; read += 1) {
        const event = await reader.next();
        lastId = event?.id ?? lastId;
        seen.push(JSON.parse(event?.data ?? '').params.progress);
      }
      await reader.cancel();
    }
    expect(seen).toEqual(Array.from({ length: 1000 }, (_value, index) => index + 1));
    tellRest();
    const rest = await whatCame(new SseReader(await peer.listen(lastId)));
    expect(rest).toHaveLength(COUNT - 1000 + 1);
    expect(await peer.ping()).toBe(200);
  });
});

import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { Disposables } from '../harness/disposables.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { type RawAnswer, RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { startVictim, type Victim } from './support/victim.ts';

const many = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));

const keys = many(51, (index) => createApiKey({ name: `user ${index}` }));
const listen: RawRequest = {
  headers: modernHeaders('subscriptions/listen'),
  body: modernBody('subscriptions/listen', { notifications: { toolsListChanged: true } }),
};

function as(user: number, request: RawRequest): RawRequest {
  const headers = request.headers ?? [];
  return { ...request, headers: [...headers, ['X-API-Key', keys[user]?.key ?? '']] };
}

/** Opens a stream; gives the status of its head and leaves it open. */
async function open(
  server: Victim,
  request: RawRequest,
  from?: string,
): Promise<[number, RawConnection]> {
  const connection = await RawConnection.open(server.port, '127.0.0.1', from);
  connection.write(rawRequest(server.port, request));
  const head = await connection.until((text) => text.includes('\r\n\r\n'));
  return [Number(head.split(' ')[1]), connection];
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const startMs = performance.now();
  return [await work(), performance.now() - startMs];
}

describe('S06: one caller opens very many streams', () => {
  it('and gets as many as one caller may have; fifty others get all theirs', async () => {
    await using server = await startVictim({
      keys: keys.map(({ record }) => record),
      key: keys[1]?.key ?? '',
    });
    await using stack = new Disposables();
    const statuses = new Map<number, number>();
    const held: RawConnection[] = [];
    for (let count = 0; count < 1500; count += 1) {
      const [status, connection] = await open(server, as(0, listen));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 200) held.push(stack.use(connection));
      else connection.destroy();
    }
    expect(Object.fromEntries(statuses)).toEqual({ 200: 1000, 429: 500 });
    for (let user = 1; user <= 50; user += 1) {
      for (let count = 0; count < 10; count += 1) {
        const [status, connection] = await open(server, as(user, listen));
        stack.use(connection);
        expect(status).toBe(200);
      }
    }
    const call = as(1, modernCall('echo', { text: 'hello' }));
    const [answer, tookMs] = await timed(() => server.send(call));
    expect(answer.status).toBe(200);
    expect(tookMs).toBeLessThan(1000);
    // What the caller gives back, it may have again.
    for (const connection of held) connection.destroy();
    await expect
      .poll(async () => {
        const [status, connection] = await open(server, as(0, listen));
        connection.destroy();
        return status;
      })
      .toBe(200);
  });

  it('without a name, and is told apart by its address', async () => {
    await using server = await startVictim({ server: { maxSubscriptionsPerCaller: 5 } });
    await using stack = new Disposables();
    const statusFrom = async (address: string): Promise<number> => {
      const [status, connection] = await open(server, listen, address);
      stack.use(connection);
      return status;
    };
    for (let count = 0; count < 5; count += 1) expect(await statusFrom('127.0.0.2')).toBe(200);
    expect(await statusFrom('127.0.0.2')).toBe(429);
    for (let host = 3; host < 53; host += 1) {
      for (let count = 0; count < 5; count += 1) {
        expect(await statusFrom(`127.0.0.${host}`)).toBe(200);
      }
    }
    await server.checkAlive();
  });
});

describe('S11: ten times as many calls as there is room for', () => {
  const CAPACITY = 20;
  const stay = modernCall('stay', {}, { progressToken: 'p' });

  it('leave the room full all the time, turn the rest away at once, and pass', async () => {
    await using server = await startVictim({ server: { maxCalls: CAPACITY } });
    for (let wave = 0; wave < 3; wave += 1) {
      let refused: RawAnswer[] = [];
      let finished: RawAnswer[] = [];
      const answers = many(10 * CAPACITY, async () => {
        const answer = await server.send(stay);
        if (answer.status === 200) finished = [...finished, answer];
        else refused = [...refused, answer];
      });
      const [, tookMs] = await timed(() =>
        expect.poll(() => refused.length, { timeout: 10_000 }).toBe(9 * CAPACITY),
      );
      expect(tookMs).toBeLessThan(5000);
      expect(await server.noted('waiting')).toBe(CAPACITY);
      for (const { status, headers } of refused) {
        expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true]);
      }
      await server.letGo();
      await Promise.all(answers);
      expect(finished).toHaveLength(CAPACITY);
      // Over as soon as it is over: what is free can be had.
      const calls = many(CAPACITY, () => server.send(modernCall('echo', { text: 'hello' })));
      for (const answer of await Promise.all(calls)) expect(answer.status).toBe(200);
    }
  });
});

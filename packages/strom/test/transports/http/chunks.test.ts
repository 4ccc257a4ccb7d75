import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { Strom } from '../../../src/serve/strom.ts';
import { modernCall } from '../../harness/mcp-request.ts';
import { RawConnection, type RawRequest, rawRequest } from '../../harness/raw-http.ts';

const STEPS = 5;
const WANTS_PROGRESS = { progressToken: 'p' };
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Speaks in several turns, so that its answer is a stream of several chunks. */
function makeStrom(): Strom {
  const strom = new Strom({ name: 'chunks', version: '1.0.0' });
  strom.tool('turns', { description: 'Lets a turn pass after each' }, async (_, ctx) => {
    for (let done = 1; done <= STEPS; done += 1) {
      void ctx.progress(done, STEPS, `Schritt für Schritt ${done} 世界`);
      await nextTurn();
    }
    return 'done';
  });
  return strom;
}

interface Served extends AsyncDisposable {
  readonly server: Server;
  request(call: RawRequest): Buffer;
  connect(): Promise<RawConnection>;
}

async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    request: (call) => rawRequest(port, call),
    connect: () => RawConnection.open(port),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function eventsIn(body: string): unknown[] {
  const events = body.split('\n\n').filter((event) => event !== '');
  return events.map((event) => JSON.parse(event.replace('data: ', '')) as unknown);
}

function expectAll(body: string): void {
  const events = eventsIn(body);
  expect(events.length).toBe(STEPS + 1);
  expect(events.slice(0, STEPS)).toMatchObject(
    Array.from({ length: STEPS }, (_, at) => ({
      params: { progress: at + 1, message: `Schritt für Schritt ${at + 1} 世界` },
    })),
  );
  expect(events.at(-1)).toMatchObject({ result: { content: [{ text: 'done' }] } });
}

const TURNS = modernCall('turns', {}, WANTS_PROGRESS);

describe('the chunks of a streamed answer', () => {
  it('carry every message, in UTF-8, and end', async () => {
    await using served = await serve(makeStrom().listener());
    await using connection = await served.connect();
    connection.write(served.request(TURNS));
    const { headers, body } = await connection.answer();
    expect(headers.get('transfer-encoding')).toBe('chunked');
    expectAll(body);
    expect(connection.pending).toBe('');
  });

  it('keep to their answer where requests wait for one another on a connection', async () => {
    await using served = await serve(makeStrom().listener());
    await using connection = await served.connect();
    const request = served.request(TURNS);
    connection.write(Buffer.concat([request, request, request]));
    for (let answers = 0; answers < 3; answers += 1) expectAll((await connection.answer()).body);
    expect(connection.pending).toBe('');
  });

  it('are none for a client of HTTP/1.0, which knows the end by the connection', async () => {
    await using served = await serve(makeStrom().listener());
    await using connection = await served.connect();
    connection.write(served.request(TURNS).toString().replace('HTTP/1.1', 'HTTP/1.0'));
    await connection.closed();
    const { headers, body } = await connection.answer();
    expect(headers.get('transfer-encoding')).toBeUndefined();
    expectAll(body);
  });

  it('pass through who has taken over the writing', async () => {
    const seen: string[] = [];
    const listener = makeStrom().listener();
    await using served = await serve((request, response) => {
      const write = response.write.bind(response);
      response.write = (text: string) => {
        seen.push(text);
        return write(text);
      };
      listener(request, response);
    });
    await using connection = await served.connect();
    connection.write(served.request(TURNS));
    expectAll((await connection.answer()).body);
    expect(eventsIn(seen.join('')).length).toBe(STEPS);
  });

  it('reach who asks without a connection', async () => {
    const app = fastify();
    const listener = makeStrom().listener();
    app.post(
      '/mcp',
      {
        onRequest: (request, reply) => {
          reply.hijack();
          listener(request.raw, reply.raw);
          return Promise.resolve();
        },
      },
      () => undefined,
    );
    const headers = Object.fromEntries([...(TURNS.headers ?? []), ['Host', 'localhost']]);
    const answer = await app.inject({
      method: 'POST',
      url: '/mcp',
      headers,
      body: String(TURNS.body),
    });
    expectAll(answer.body);
    await app.close();
  });

  it('are no error of the connection when the client has closed its half', async () => {
    const strom = makeStrom();
    await using served = await serve(strom.listener());
    const errors: Error[] = [];
    served.server.on('clientError', (error) => errors.push(error));
    const connected = once(served.server, 'connection') as Promise<[Socket]>;
    strom.tool('late', { description: 'Goes on when its caller has gone' }, async (_, ctx) => {
      const [socket] = await connected;
      await ctx.progress(1);
      await nextTurn();
      await once(socket, 'end');
      await ctx.progress(2);
      await nextTurn();
    });
    await using connection = await served.connect();
    connection.socket.end(served.request(modernCall('late', {}, WANTS_PROGRESS)));
    await connection.closed();
    expect(errors).toEqual([]);
  });
});

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { makeFixture } from '../harness/fixture-server.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import {
  type RawAnswer,
  RawConnection,
  type RawRequest,
  rawRequest,
  rpcCodeOf,
  sendRaw,
} from '../harness/raw-http.ts';

interface Mounted extends AsyncDisposable {
  readonly port: number;
  send(request: RawRequest): Promise<RawAnswer>;
}

async function mount(listener: RequestListener): Promise<Mounted> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    send: (request) => sendRaw(port, rawRequest(port, request)),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const HELLO = modernCall('hello');

describe('a listener in Express', () => {
  it('leaves other paths to the application', async () => {
    const app = express();
    app.use(makeFixture().listener());
    app.get('/own', (_request, response) => void response.send('own'));
    await using server = await mount(app);
    expect((await server.send(HELLO)).body).toContain('héllo');
    expect((await server.send({ method: 'GET', target: '/own' })).body).toBe('own');
    expect((await server.send({ method: 'GET', target: '/none' })).status).toBe(404);
  });

  it('can be mounted below a path', async () => {
    const app = express();
    app.use('/api', makeFixture().listener());
    await using server = await mount(app);
    expect((await server.send({ ...HELLO, target: '/api/mcp' })).status).toBe(200);
    expect((await server.send(HELLO)).status).toBe(404);
  });

  it('takes bodies that were parsed before it', async () => {
    const app = express();
    app.use(express.json({ limit: '4mb' }));
    app.use(makeFixture().listener());
    await using server = await mount(app);
    expect((await server.send(HELLO)).body).toContain('héllo');
    const headers = modernHeaders('tools/call', 'other');
    const mismatched = await server.send({ headers, body: HELLO.body ?? '' });
    expect(rpcCodeOf(mismatched)).toBe(-32020);
  });

  it('answers targets that no path can be read from', async () => {
    const app = express();
    app.use(makeFixture().listener());
    await using server = await mount(app);
    for (const target of ['http://[/mcp', 'http://', '*', '//', 'x']) {
      const answer = await server.send({ ...HELLO, target });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect((await server.send(HELLO)).status).toBe(200);
  });

  it('cancels a call whose caller went while the application kept the request', async () => {
    const app = express();
    let goOn = (): void => undefined;
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    app.use(express.json());
    app.use(async (request, _response, next) => {
      if (request.body?.params?.name === 'wait') {
        const gone = once(request.socket, 'close');
        // Asked for in time, as a log would, it stays known; without an address nothing would be begun.
        expect(request.ip).toBeDefined();
        arrive();
        await gone;
        goOn();
      }
      next();
    });
    const passed = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    app.use(makeFixture().listener());
    await using server = await mount(app);
    const connection = await RawConnection.open(server.port);
    connection.write(rawRequest(server.port, modernCall('wait', {}, { progressToken: 'p' })));
    await arrived;
    connection.destroy();
    await passed;
    expect((await server.send(modernCall('why'))).body).toContain('ERR_PEER_GONE');
  });
});

describe('a listener in Fastify', () => {
  it('says so when the framework has read the body and kept it', async () => {
    const app = fastify({ forceCloseConnections: true });
    const logger = new LogRecorder();
    const listener = makeFixture({ logger }).listener();
    app.post('/mcp', (request, reply) => {
      reply.hijack();
      listener(request.raw, reply.raw);
    });
    const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const port = Number(url.port);
    const answer = await sendRaw(port, rawRequest(port, HELLO));
    expect(answer.status).toBe(500);
    expect(String(logger.at('error')[0]?.fields['err'])).toContain('onRequest');
    await app.close();
  });

  it('takes the body the framework has parsed where it is handed on', async () => {
    const app = fastify({ forceCloseConnections: true });
    const listener = makeFixture().listener();
    app.post('/mcp', (request, reply) => {
      reply.hijack();
      listener(Object.assign(request.raw, { body: request.body }), reply.raw);
    });
    const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const port = Number(url.port);
    expect((await sendRaw(port, rawRequest(port, HELLO))).body).toContain('héllo');
    await app.close();
  });
});

describe('fetch in Hono', () => {
  const init = (body: string, headers = modernHeaders('tools/call', 'hello')): RequestInit => ({
    method: 'POST',
    headers,
    body,
  });

  function makeApp(): Hono {
    const app = new Hono();
    const strom = makeFixture();
    app.get('/own', (context) => context.text('own'));
    app.all('*', (context) => strom.fetch(context.req.raw, { maxBodyBytes: 10_000 }));
    return app;
  }

  it('serves beside other routes', async () => {
    const app = makeApp();
    const own = await app.request('http://localhost/own');
    expect(await own.text()).toBe('own');
    const answer = await app.request('http://localhost/mcp', init(String(HELLO.body)));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('héllo')]);
    expect((await app.request('http://localhost/none')).status).toBe(404);
  });

  it('makes the same checks as the listener', async () => {
    const app = makeApp();
    const statusOf = async (request: Request): Promise<number> => (await app.fetch(request)).status;
    const url = 'http://localhost/mcp';
    const body = String(HELLO.body);
    expect(await statusOf(new Request('http://evil.test/mcp', init(body)))).toBe(403);
    const lines = modernHeaders('tools/call', 'hello');
    const evil = init(body, [...lines, ['Origin', 'http://evil.test']]);
    expect(await statusOf(new Request(url, evil))).toBe(403);
    expect(await statusOf(new Request(url, init('x'.repeat(10_001))))).toBe(413);
    expect(await statusOf(new Request(url, init(body, modernHeaders('tools/list'))))).toBe(400);
    expect(await statusOf(new Request(url, init('{', lines)))).toBe(400);
    const twice = init(body, [...lines, ['Mcp-Name', 'hello']]);
    expect(await statusOf(new Request(url, twice))).toBe(400);
  });

  it.each([
    ['broke off', 'ERR_PEER_GONE', async () => undefined],
    [
      'was read before',
      'ERR_INTERNAL',
      (request: Request) => request.text().catch(() => undefined),
    ],
  ])('takes a body that %s for %s', async (_, code, before) => {
    const logger = new LogRecorder();
    const strom = makeFixture({ logger });
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
      pull: (controller) => controller.error(new Error('the connection was reset')),
    });
    const headers = modernHeaders('tools/call', 'hello');
    const request = new Request('http://localhost/mcp', {
      ...{ method: 'POST', headers, body, duplex: 'half' },
    });
    await before(request);
    expect((await strom.fetch(request)).status).toBe(code === 'ERR_INTERNAL' ? 500 : 499);
    const refused = logger.records.find(({ message }) => message === 'refused');
    expect(refused?.fields['outcome']).toBe(code);
  });

  it('makes a tool wait for a reader that takes nothing, and stops it when the reader goes', async () => {
    const app = makeApp();
    const params = { name: 'count', arguments: { to: 1_000_000 }, _meta: { progressToken: 'p' } };
    const headers = modernHeaders('tools/call', 'count');
    const request = new Request(
      'http://localhost/mcp',
      init(modernBody('tools/call', params), headers),
    );
    const reader = (await app.fetch(request)).body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toContain('"progress":1,');
    const answer = await app.request('http://localhost/mcp', init(String(HELLO.body)));
    expect(answer.status).toBe(200);
    await reader?.cancel();
    expect((await app.request('http://localhost/mcp', init(String(HELLO.body)))).status).toBe(200);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe } from 'vitest';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { TestProcess } from './child-process.ts';
import { eachLine } from './each-line.ts';
import { makeFixture } from './fixture-server.ts';
import { MODERN } from './mcp-request.ts';
import { type DuplexLine, DuplexPeer } from './peers/duplex-peer.ts';
import { type HttpDoor, HttpPeer } from './peers/http-peer.ts';
import { SseDuplexLine } from './peers/legacy-line.ts';
import type { Peer } from './peers/peer.ts';

interface Transport {
  readonly name: string;
  readonly revision: string;
  open(): Promise<Peer>;
}

/** Runs one suite over every transport; `body` gets the way to the peer of the transport. */
export function describeTransports(
  title: string,
  body: (peer: () => Peer, transport: { readonly revision: string }) => void,
): void {
  describe.each(TRANSPORTS)(`${title} over $name`, (transport) => {
    let peer: Peer | undefined;
    beforeAll(async () => {
      peer = await transport.open();
    });
    afterAll(async () => {
      await peer?.[Symbol.asyncDispose]();
    });
    body(() => {
      if (peer === undefined) throw new Error('the transport is not open');
      return peer;
    }, transport);
  });
}

function duplex(
  name: string,
  revision: string,
  open: (receive: (message: string) => void) => Promise<DuplexLine>,
): Transport {
  return { name, revision, open: () => DuplexPeer.connect(revision, open) };
}

function http(name: string, revision: string, open: () => Promise<HttpDoor>): Transport {
  return { name, revision, open: async () => HttpPeer.connect(revision, await open()) };
}

const TRANSPORTS: readonly Transport[] = [
  duplex('memory, stateless', MODERN, openLocal),
  duplex('memory, a session', '2025-11-25', openLocal),
  duplex('stdio, stateless', MODERN, openStdio),
  duplex('stdio, a session', '2025-11-25', openStdio),
  http('Streamable HTTP, stateless', MODERN, openHttp),
  http('Streamable HTTP 2025-11-25', '2025-11-25', openHttp),
  http('Streamable HTTP 2025-06-18', '2025-06-18', openHttp),
  http('Streamable HTTP 2025-03-26', '2025-03-26', openHttp),
  duplex('HTTP+SSE', '2024-11-05', openLegacy),
  http('Express 5, stateless', MODERN, openExpress),
  http('Express 5, a session', '2025-11-25', openExpress),
  http('Fastify 5, stateless', MODERN, openFastify),
  http('Fastify 5, a session', '2025-06-18', openFastify),
  http('Hono, stateless', MODERN, openHono),
  http('Hono, a session', '2025-11-25', openHono),
];

async function openLocal(receive: (message: string) => void): Promise<DuplexLine> {
  return makeFixture().connectLocal(eachLine(receive));
}

async function openStdio(receive: (message: string) => void): Promise<DuplexLine> {
  const server = new TestProcess('./stdio-fixture.ts');
  const reading = (async () => {
    for (let line = await server.line(); line !== undefined; line = await server.line()) {
      receive(line);
    }
  })();
  return {
    send: (message) => server.write(`${message}\n`),
    async close() {
      server.child.stdin.end();
      await reading;
      await server[Symbol.asyncDispose]();
    },
  };
}

async function run(options: RunOptions) {
  return makeFixture().run({ port: 0, handleSignals: false, ...options });
}

async function openHttp(): Promise<HttpDoor> {
  const running = await run({});
  return {
    url: running.url ?? '',
    fetch: (url, init) => fetch(url, init),
    [Symbol.asyncDispose]: () => running.close(),
  };
}

async function openLegacy(receive: (message: string) => void): Promise<DuplexLine> {
  const running = await run({ transport: 'sse' });
  const line = await SseDuplexLine.open(new URL('/sse', running.url).href, receive);
  return {
    send: (message) => line.send(message),
    async close() {
      await line.close();
      await running.close();
    },
  };
}

async function openExpress(): Promise<HttpDoor> {
  const app = express();
  app.use(makeFixture().listener());
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    fetch: (url, init) => fetch(url, init),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function openFastify(): Promise<HttpDoor> {
  const app = fastify({ forceCloseConnections: true });
  const listener = makeFixture().listener();
  app.addHook('onRequest', async (request, reply) => {
    reply.hijack();
    listener(request.raw, reply.raw);
  });
  return {
    url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/mcp`,
    fetch: (url, init) => fetch(url, init),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

async function openHono(): Promise<HttpDoor> {
  const app = new Hono();
  const strom = makeFixture();
  app.all('/mcp', (context) => strom.fetch(context.req.raw));
  return {
    url: 'http://localhost/mcp',
    fetch: async (url, init) => app.fetch(new Request(url, init)),
    [Symbol.asyncDispose]: async () => strom.shutDown(),
  };
}

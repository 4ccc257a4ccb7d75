import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, connect as http2 } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../../src/base/principal.ts';
import type { Authenticator } from '../../../src/security/authenticator.ts';
import type { NodeListener } from '../../../src/serve/node-listener.ts';
import { Strom } from '../../../src/serve/strom.ts';
import { makeGate } from '../../harness/gate.ts';
import { LogRecorder } from '../../harness/log-recorder.ts';
import { modernCall } from '../../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../../harness/raw-http.ts';

const CALL = modernCall('echo', { text: 'x' });

/** A server that finds out who calls when it is told to. */
async function start(make: (listener: NodeListener) => Server, connected: string) {
  const logger = new LogRecorder();
  const [asked, verdict, gone] = [makeGate(), makeGate(), makeGate()];
  const slow: Authenticator = {
    recognises: () => true,
    async authenticate() {
      asked.open();
      await verdict.promise;
      return { ...ANONYMOUS, kind: 'api-key', id: 'x', scopes: new Set() };
    },
    challenge: () => 'Bearer',
  };
  const strom = new Strom({ name: 'slow', version: '1.0.0', logger });
  const server = make(strom.listener({ auth: [slow] }));
  server.once(connected, (connection: Server) => connection.once('close', gone.open));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked: asked.promise,
    /** What the log says of the request, when its caller is found out to be known. */
    async outcomeAfterAll(): Promise<unknown> {
      await gone.promise;
      verdict.open();
      const outcomes = (): unknown[] =>
        logger.records.flatMap(({ fields }) => fields['outcome'] ?? []);
      await expect.poll(outcomes).toHaveLength(1);
      return outcomes()[0];
    },
    async [Symbol.asyncDispose]() {
      strom.shutDown();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a caller who goes while the server finds out who it is', () => {
  it.each([
    ['all of it', undefined],
    ['a part of it', -20],
  ])('is done with, when %s has come over HTTP/1.1', async (_, end) => {
    await using server = await start((listener) => createServer(listener), 'connection');
    const connection = await RawConnection.open(server.port);
    connection.write(rawRequest(server.port, CALL).subarray(0, end));
    await server.asked;
    connection.destroy();
    expect(await server.outcomeAfterAll()).toBe('ERR_PEER_GONE');
  });

  it.each([
    ['all of it', undefined],
    ['a part of it', -20],
  ])('is done with, when %s has come over HTTP/2', async (_, end) => {
    await using server = await start((listener) => createHttp2Server(listener as never), 'session');
    const session = http2(`http://127.0.0.1:${server.port}`);
    session.on('error', () => undefined);
    const { headers = [], body = '' } = CALL;
    const stream = session.request({
      ':method': 'POST',
      ':path': '/mcp',
      ...Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    });
    stream.on('error', () => undefined);
    stream.write(String(body).slice(0, end));
    if (end === undefined) stream.end();
    await server.asked;
    session.destroy();
    expect(await server.outcomeAfterAll()).toBe('ERR_PEER_GONE');
  });
});

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { createServer as createHttp2Server, connect as openHttp2 } from 'node:http2';
import {
  type AddressInfo,
  connect,
  createServer as createSink,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeListener } from '../../../src/serve/node-listener.ts';
import { Strom } from '../../../src/serve/strom.ts';
import { askHttp2 } from '../../harness/http2-client.ts';
import { LogRecorder } from '../../harness/log-recorder.ts';
import { modernCall } from '../../harness/mcp-request.ts';
import { rawRequest } from '../../harness/raw-http.ts';

const CALL = modernCall('count', {});
const TIMES = 50;

async function start(
  make: (listener: NodeListener) => Server,
  where: ListenOptions = { port: 0, host: '127.0.0.1' },
) {
  const logger = new LogRecorder();
  const strom = new Strom({ name: 'counts', version: '1.0.0', logger });
  let calls = 0;
  strom.tool('count', { description: 'Counts' }, () => {
    calls += 1;
    return 'counted';
  });
  const server = make(strom.listener());
  server.listen(where);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    calls: () => calls,
    outcomes: () => logger.records.flatMap(({ fields }) => fields['outcome'] ?? []),
    async [Symbol.asyncDispose]() {
      strom.shutDown();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a client sends on a connection for its first request over HTTP/2. */
async function http2Bytes(): Promise<Buffer> {
  const sink = createSink();
  sink.listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const session = openHttp2(`http://127.0.0.1:${(sink.address() as AddressInfo).port}`);
  session.on('error', () => undefined);
  askHttp2(session, CALL);
  const [connection] = (await once(sink, 'connection')) as [Socket];
  let sent = Buffer.alloc(0);
  for await (const bytes of connection) {
    sent = Buffer.concat([sent, bytes as Buffer]);
    if (sent.includes(String(CALL.body))) break;
  }
  session.destroy();
  sink.close();
  return sent;
}

/** The server runs in this process: it reads nothing before all is sent and the connection reset. */
async function sendAndReset(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(bytes);
    socket.resetAndDestroy();
  });
  await once(socket, 'close');
}

describe('a request whose sender is gone before it is read', () => {
  it.each([
    [
      'HTTP/1.1',
      (listener: NodeListener) => createServer(listener),
      async (port: number) => rawRequest(port, CALL),
    ],
    ['HTTP/2', (listener: NodeListener) => createHttp2Server(listener as never), http2Bytes],
  ])('is dropped and written down, over %s', async (_, make, bytesFor) => {
    await using server = await start(make);
    const bytes = await bytesFor(server.port);
    for (let time = 0; time < TIMES; time += 1) await sendAndReset(server.port, bytes);
    await expect.poll(server.outcomes).toHaveLength(TIMES);
    expect(new Set(server.outcomes())).toEqual(new Set(['ERR_PEER_GONE']));
    expect(server.calls()).toBe(0);
  });

  it('is dropped and written down when an application has kept it for so long', async () => {
    await using server = await start((listener) =>
      createServer((asked, answer) => asked.socket.once('close', () => listener(asked, answer))),
    );
    await sendAndReset(server.port, rawRequest(server.port, CALL));
    await expect.poll(server.outcomes).toEqual(['ERR_PEER_GONE']);
    expect(server.calls()).toBe(0);
  });

  it('is told from one over a socket that has no address', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'strom-'));
    const socketPath = path.join(directory, 'socket');
    await using server = await start((listener) => createServer(listener), { path: socketPath });
    const headers = (CALL.headers ?? []).flat();
    const asked = request({
      socketPath,
      path: '/mcp',
      method: 'POST',
      headers: ['Host', 'localhost', ...headers],
    });
    asked.end(CALL.body);
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(200);
    answer.resume();
    await once(answer, 'end');
    expect(server.calls()).toBe(1);
    await rm(directory, { recursive: true });
  });
});

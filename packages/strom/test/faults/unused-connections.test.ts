/** Connections on which nothing was asked yet do not keep a server from leaving. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, it, vi } from 'vitest';
import { ownDataHome } from '../harness/own-data-home.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import './support/base-line.ts';
import { plainCall } from './support/plain-call.ts';

/** After this the server waits for nobody any more. */
const LINGER_MS = 2_000;
const HALF_A_HELLO = Buffer.from('160301020001', 'hex');
ownDataHome();
afterEach(() => void vi.useRealTimers());

async function open(port: number, first = Buffer.alloc(0)): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(first);
  return socket;
}

async function agree(port: number, protocol: string): Promise<Socket> {
  const ALPNProtocols = [protocol];
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Calls a tool, after which the server knows of every connection that was opened before. */
function serveLater({ url }: Started): Promise<void> {
  return plainCall({ url });
}

/** Closes the server while its time stands still. */
function closeAtOnce({ running }: Started): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  return running.close();
}

describe('S05: connections on which nothing was asked', () => {
  it.each<[string, object, (port: number) => Promise<Socket>]>([
    ['HTTP/1.1 in the clear', {}, (port) => open(port)],
    ['before TLS', { tls: 'dev' }, (port) => open(port)],
    ['HTTP/1.1 over TLS', { tls: 'dev' }, (port) => agree(port, 'http/1.1')],
    ['HTTP/2', { tls: 'dev' }, (port) => agree(port, 'h2')],
  ])('are closed at once when the server leaves: %s', async (_, run, connectTo) => {
    await using server = await startStrom(undefined, { run });
    const socket = await connectTo(server.port);
    await serveLater(server);
    await closeAtOnce(server);
    socket.destroy();
  });

  it('are closed soon when they have only begun with TLS', async () => {
    await using server = await startStrom(undefined, { run: { tls: 'dev' } });
    const socket = await open(server.port, HALF_A_HELLO);
    await serveLater(server);
    const closed = closeAtOnce(server);
    vi.advanceTimersByTime(LINGER_MS);
    await closed;
    socket.destroy();
  });
});

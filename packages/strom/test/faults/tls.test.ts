import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { makeCertificate } from '../harness/certificate.ts';
import { Disposables } from '../harness/disposables.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim, type Victim } from './support/victim.ts';

const DAY_MS = 86_400_000;
let folder = '';

interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

const certificates = new Map<string, Promise<CertificateFiles>>();

/** Files of a certificate for a name, that ends so many days from now. */
function certificate(name: string, days: number): Promise<CertificateFiles> {
  const id = `${name} ${days}`;
  const made = certificates.get(id) ?? writeCertificate(name, days);
  certificates.set(id, made);
  return made;
}

async function writeCertificate(name: string, days: number): Promise<CertificateFiles> {
  const made = await makeCertificate(name, {
    notBeforeDate: new Date(Date.now() - 30 * DAY_MS),
    notAfterDate: new Date(Date.now() + days * DAY_MS),
  });
  const files = {
    cert: path.join(folder, `${name} ${days}.pem`),
    key: path.join(folder, `${name} ${days}.key`),
  };
  await writeFile(files.cert, made.cert);
  await writeFile(files.key, made.key);
  return files;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'strom-tls-faults-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function start(run: RunOptions = {}): Promise<Victim> {
  return startVictim({ run: { tls: await certificate('localhost', 30), ...run } });
}

/** A plain call over TLS, on a connection of its own; gives the head of the answer. */
async function plainCall({ port }: Victim): Promise<string> {
  const socket = connectTls({ port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.write(rawRequest(port, modernCall('echo', { text: 'hello' })));
  const [head] = await once(socket, 'data');
  socket.destroy();
  return String(head).slice(0, 'HTTP/1.1 200'.length);
}

async function checkAlive(server: Victim): Promise<void> {
  const startMs = performance.now();
  expect(await plainCall(server)).toBe('HTTP/1.1 200');
  expect(performance.now() - startMs).toBeLessThan(1000);
}

describe('N01: old and weak TLS', () => {
  const weak = (ciphers: string): ConnectionOptions => ({
    maxVersion: 'TLSv1.2',
    ciphers: `${ciphers}:@SECLEVEL=0`,
  });

  it.each<[string, ConnectionOptions]>([
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }],
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }],
    ['no encryption', weak('eNULL')],
    ['no authentication', weak('aNULL')],
  ])('is refused: %s', async (_, options) => {
    await using server = await start();
    const socket = connectTls({ port: server.port, rejectUnauthorized: false, ...options });
    socket.once('secureConnect', () => socket.destroy(new Error('was let in')));
    const [error] = await once(socket, 'error');
    expect((error as NodeJS.ErrnoException).message).not.toBe('was let in');
    await checkAlive(server);
  });

  it('is refused when a client would renegotiate', async () => {
    await using server = await start();
    const options = {
      port: server.port,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    } as const;
    const socket = connectTls(options);
    await once(socket, 'secureConnect');
    const verdict = await new Promise((resolve) => {
      socket.once('error', () => resolve('refused'));
      socket.once('close', () => resolve('refused'));
      socket.renegotiate({}, (error) => resolve(error === null ? 'done' : 'refused'));
    });
    expect(verdict).toBe('refused');
    socket.destroy();
    await checkAlive(server);
  });
});

describe('N01: certificates our client must not take', () => {
  /** Trusts a certificate, so that what is wrong with it is the only thing that is. */
  async function trusting(file: string): Promise<typeof fetch> {
    const dispatcher = new Agent({ connect: { ca: await readFile(file, 'utf8') } });
    return ((url: string, init: object) =>
      undiciFetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
  }

  interface Attempt {
    readonly name: string;
    readonly days: number;
    readonly isTrusted: boolean;
  }

  async function attempt({ name, days, isTrusted }: Attempt): Promise<unknown> {
    const tls = await certificate(name, days);
    await using server = await startVictim({ run: { tls } });
    const url = `https://localhost:${server.port}/mcp`;
    const options = isTrusted ? { fetch: await trusting(tls.cert) } : {};
    try {
      await using client = await connect(url, options);
      return await client.call('echo', { text: 'hello' });
    } catch (error) {
      // Nothing was asked, and nothing in the clear.
      expect((await server.logs('info')).filter(({ message }) => message !== 'listening')).toEqual(
        [],
      );
      return (error as { code: unknown }).code;
    }
  }

  it.each<[string, Attempt]>([
    ['of nobody it knows', { name: 'localhost', days: 30, isTrusted: false }],
    ['that has ended', { name: 'localhost', days: -1, isTrusted: true }],
    ['for another host', { name: 'elsewhere.example', days: 30, isTrusted: true }],
  ])('are refused: one %s', async (_, wrong) => {
    expect(await attempt(wrong)).toBe('ERR_CONNECT');
  });

  it('are not those that are right', async () => {
    const right = { name: 'localhost', days: 30, isTrusted: true };
    expect(await attempt(right)).toMatchObject({ content: [{ type: 'text' }] });
  });
});

/** The first message of a handshake, with any bytes for the name of the server. */
function clientHello(name: Buffer | undefined): Buffer {
  const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
  const sized = (content: Buffer): Buffer => Buffer.concat([u16(content.length), content]);
  const extension = (type: number, content: Buffer): Buffer =>
    Buffer.concat([u16(type), sized(content)]);
  const sni =
    name === undefined ? [] : [extension(0, sized(Buffer.concat([Buffer.from([0]), sized(name)])))];
  const extensions = Buffer.concat([
    ...sni,
    extension(10, sized(u16(0x0017))),
    extension(13, sized(Buffer.concat([u16(0x0403), u16(0x0804)]))),
  ]);
  const body = Buffer.concat([
    u16(0x0303),
    randomBytes(32),
    Buffer.from([0]),
    sized(Buffer.concat([u16(0xc02b), u16(0xc02f)])),
    Buffer.from([1, 0]),
    sized(extensions),
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), sized(body)]);
  return Buffer.concat([Buffer.from([0x16, 3, 1]), sized(handshake)]);
}

describe('N02: what is no handshake, or an odd one', () => {
  const limits = { headersTimeoutMs: 500 };

  it.each<[string, Buffer]>([
    ['no name', clientHello(undefined)],
    ['an unknown name', clientHello(Buffer.from('unknown.example'))],
    ['an empty name', clientHello(Buffer.alloc(0))],
    ['a name of 300 bytes', clientHello(Buffer.alloc(300, 'x'))],
    ['a name with NUL', clientHello(Buffer.from('local\0host'))],
    ['a record cut short', clientHello(undefined).subarray(0, 40)],
    ['random bytes', randomBytes(4096)],
    ['plain HTTP', Buffer.from('GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a record that is too large', Buffer.from([0x16, 3, 3, 0xff, 0xff, ...randomBytes(512)])],
  ])('ends, and others are served: %s', async (_, bytes) => {
    await using server = await start(limits);
    await using connection = await RawConnection.open(server.port);
    connection.write(bytes);
    await connection.closed();
    expect(connection.pending).not.toContain('HTTP/1.1 200');
    await checkAlive(server);
  });

  it('ends, and others are served: two thousand half handshakes', async () => {
    await using server = await start();
    await using stack = new Disposables();
    for (let count = 0; count < 2000; count += 1) {
      const half = stack.use(await RawConnection.open(server.port));
      if (count % 2 === 0) half.write(clientHello(undefined).subarray(0, 60));
    }
    await checkAlive(server);
  });
});

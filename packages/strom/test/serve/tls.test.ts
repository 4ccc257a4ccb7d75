import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { makeCertificate } from '../harness/certificate.ts';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { startStrom } from '../harness/start-strom.ts';
import '../faults/support/base-line.ts';

let ca = '';
const files = { cert: '', key: '' };
const dataHome = ownDataHome();

beforeAll(async () => {
  await using _made = await startStrom(undefined, { run: { tls: 'dev' } });
  files.cert = path.join(dataHome(), 'strom/tls/localhost.pem');
  files.key = path.join(dataHome(), 'strom/tls/localhost.key');
  ca = await readFile(files.cert, 'utf8');
});

interface H2Answer {
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

async function ask(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body = '',
): Promise<H2Answer> {
  const stream = session.request(headers);
  stream.end(body);
  const [answered] = await once(stream, 'response');
  stream.setEncoding('utf8');
  return { headers: answered, body: await text(stream) };
}

function callHeaders(tool: string): Record<string, string> {
  const lines = modernHeaders('tools/call', tool).map(([key, value]) => [key.toLowerCase(), value]);
  return { ':method': 'POST', ':path': '/mcp', ...Object.fromEntries(lines) };
}

describe('N01, O04: HTTPS', () => {
  it('speaks HTTP/2 and HTTP/1.1 on one port, streams included', async () => {
    await using server = await startStrom(
      (strom) => {
        strom.tool('steps', { description: 'Steps' }, async (_args, ctx) => {
          for (let step = 1; step <= 3; step += 1) await ctx.progress(step, 3);
          return 'done';
        });
      },
      { run: { tls: files } },
    );
    const session = connectHttp2(server.origin, { ca });
    const body = modernBody('tools/call', {
      name: 'steps',
      arguments: {},
      _meta: { progressToken: 1 },
    });
    const answer = await ask(session, callHeaders('steps'), body);
    expect(answer.headers[':status']).toBe(200);
    expect(answer.headers['content-type']).toBe('text/event-stream');
    expect(answer.headers['connection']).toBeUndefined();
    expect(answer.body.match(/notifications\/progress/g)).toHaveLength(3);
    session.close();
    const [old] = await once(get(`${server.origin}/healthz`, { ca }), 'response');
    expect(old.httpVersion).toBe('1.1');
    expect(old.statusCode).toBe(200);
    old.resume();
  });

  it('refuses a host that differs from the authority, and foreign hosts', async () => {
    await using server = await startStrom(undefined, { run: { tls: files } });
    const session = connectHttp2(server.origin, { ca });
    const { host } = new URL(server.origin);
    const both = {
      ':method': 'POST',
      ':path': '/mcp',
      ':authority': host,
      host: 'evil.example.com',
    };
    expect((await ask(session, both)).headers[':status']).toBe(400);
    const foreign = { ':method': 'POST', ':path': '/mcp', ':authority': 'evil.example.com' };
    expect((await ask(session, foreign)).headers[':status']).toBe(403);
    session.close();
  });

  it('keeps the key for its owner alone', async () => {
    expect((await stat(files.key)).mode & 0o777).toBe(0o600);
  });

  it('refuses TLS 1.1', async () => {
    await using server = await startStrom(undefined, { run: { tls: files } });
    const { port } = server;
    const socket = connectTls({ port, ca, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' });
    const [error] = await once(socket, 'error');
    expect(error).toBeInstanceOf(Error);
  });

  it('names the file that is wrong, not what is in it', async () => {
    const wrong = path.join(dataHome(), 'wrong.pem');
    await writeFile(wrong, 'SECRET');
    const start = startStrom(undefined, { run: { tls: { cert: wrong, key: files.key } } });
    const error = await start.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error?.message).toContain(wrong);
    expect(error?.message).not.toContain('SECRET');
  });

  it('takes up a new certificate while an open connection goes on', async () => {
    const live = {
      cert: path.join(dataHome(), 'live.pem'),
      key: path.join(dataHome(), 'live.key'),
    };
    await copyFile(files.cert, live.cert);
    await copyFile(files.key, live.key);
    await using server = await startStrom(undefined, { run: { tls: live } });
    const before = await fingerprint(server.port);
    await using other = await newCertificate();
    const reloaded = server.logs.waitFor('the TLS certificate was reloaded');
    await copyFile(other.key, live.key);
    await copyFile(other.cert, live.cert);
    await reloaded;
    const after = await fingerprint(server.port);
    expect(after.value).not.toBe(before.value);
    expect(before.socket.destroyed).toBe(false);
    before.socket.destroy();
    after.socket.destroy();
  });

  it('shows in the figures when the certificate ends, also when it was replaced', async () => {
    const live = {
      cert: path.join(dataHome(), 'ends.pem'),
      key: path.join(dataHome(), 'ends.key'),
    };
    await copyFile(files.cert, live.cert);
    await copyFile(files.key, live.key);
    await using server = await startStrom(undefined, { run: { tls: live, metrics: true } });
    const figure = async (): Promise<unknown> => {
      const asked = get(`${server.origin}/metrics`, { rejectUnauthorized: false, agent: false });
      const [answer] = await once(asked, 'response');
      const body = await text(answer);
      const found = /^strom_tls_certificate_expiry_timestamp_seconds (\d+)$/m.exec(body);
      return found && Number(found[1]);
    };
    expect(await figure()).toBe(Date.parse(new X509Certificate(ca).validTo) / 1000);
    const ends = new Date('2100-01-02T03:04:05Z');
    const other = await makeCertificate('localhost', { notAfterDate: ends });
    const reloaded = server.logs.waitFor('the TLS certificate was reloaded');
    await writeFile(live.key, other.key);
    await writeFile(live.cert, other.cert);
    await reloaded;
    expect(await figure()).toBe(ends.getTime() / 1000);
  });

  it('takes up a new certificate where other files change all the time', async () => {
    const busy = await mkdtemp(path.join(dataHome(), 'busy-'));
    const live = { cert: path.join(busy, 'live.pem'), key: path.join(busy, 'live.key') };
    await copyFile(files.cert, live.cert);
    await copyFile(files.key, live.key);
    await using server = await startStrom(undefined, { run: { tls: live } });
    await using other = await newCertificate();
    const timer = setInterval(() => void writeFile(path.join(busy, 'other'), 'x'), 20);
    const reloaded = server.logs.waitFor('the TLS certificate was reloaded');
    await copyFile(other.key, live.key);
    await copyFile(other.cert, live.cert);
    await reloaded;
    clearInterval(timer);
    const { value, socket } = await fingerprint(server.port);
    expect(value).toBe(new X509Certificate(await readFile(other.cert)).fingerprint256);
    socket.destroy();
  });

  it('has one local certificate, however many processes make it at once', async () => {
    const home = await mkdtemp(path.join(dataHome(), 'home-'));
    process.env['XDG_DATA_HOME'] = home;
    const run: RunOptions = { tls: 'dev' };
    const servers = await Promise.all(
      Array.from({ length: 4 }, () => startStrom(undefined, { run })),
    );
    process.env['XDG_DATA_HOME'] = dataHome();
    const kept = await readFile(path.join(home, 'strom/tls/localhost.pem'));
    for (const server of servers) {
      const { value, socket } = await fingerprint(server.port);
      expect(value).toBe(new X509Certificate(kept).fingerprint256);
      socket.destroy();
      await server.running.close();
    }
  });

  it('makes a new local certificate where the one that is kept does not fit its key', async () => {
    await using other = await newCertificate();
    await copyFile(files.key, other.key);
    process.env['XDG_DATA_HOME'] = path.dirname(path.dirname(path.dirname(other.key)));
    await using server = await startStrom(undefined, { run: { tls: 'dev' } });
    process.env['XDG_DATA_HOME'] = dataHome();
    const { value, socket } = await fingerprint(server.port);
    expect(value).toBe(new X509Certificate(await readFile(other.cert)).fingerprint256);
    socket.destroy();
  });
});

async function fingerprint(port: number): Promise<{ value: string; socket: TLSSocket }> {
  const socket = connectTls({ port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return { value: socket.getPeerCertificate().fingerprint256, socket };
}

/** Another local certificate, made in a data folder of its own. */
async function newCertificate() {
  const home = await mkdtemp(path.join(tmpdir(), 'strom-tls-'));
  process.env['XDG_DATA_HOME'] = home;
  await using _made = await startStrom(undefined, { run: { tls: 'dev' } });
  process.env['XDG_DATA_HOME'] = dataHome();
  return {
    cert: path.join(home, 'strom/tls/localhost.pem'),
    key: path.join(home, 'strom/tls/localhost.key'),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true }),
  };
}

import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import {
  answer,
  openStream,
  type RawHandler,
  type RawRequest,
  refuse,
  serveRaw,
  sessionPeer,
  statelessPeer,
  TEXT_RESULT,
} from './peers/raw-http.ts';
import { SESSION, SESSIONS, STATELESS } from './peers/revisions.ts';

const callable: RawHandler = ({ message }, res) => answer(res, message.id, TEXT_RESULT);

const methodsOf = (requests: readonly RawRequest[]): string[] =>
  requests.map(({ method, message }) => message.method ?? method);

/** What a server answers to `server/discover`, and the era the client must conclude. */
const VERDICTS: Readonly<Record<string, [(res: ServerResponse, id: unknown) => void, string]>> = {
  'an empty 400': [(res) => void res.writeHead(400).end(), 'session'],
  'a 400 with an error of its own': [
    (res) => refuse(res, 400, { id: null, error: { code: -32000, message: 'no session' } }),
    'session',
  ],
  'a 404 with a page': [
    (res) => void res.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nope</h1>'),
    'session',
  ],
  'a 405': [(res) => void res.writeHead(405).end(), 'session'],
  'an unknown method, politely': [
    (res, id) => refuse(res, 200, { id, error: { code: -32601, message: 'Method not found' } }),
    'session',
  ],
  'a crash': [(res) => void res.writeHead(500).end(), 'session'],
  'a 202': [(res) => void res.writeHead(202).end(), 'session'],
  'a result of another kind': [(res, id) => answer(res, id, { tools: [] }), 'session'],
  'only older revisions': [
    (res, id) => answer(res, id, { supportedVersions: [SESSION], capabilities: {} }),
    'session',
  ],
  'an unsupported version, and older ones': [
    (res, id) =>
      refuse(res, 400, {
        id,
        error: { code: -32022, message: 'no', data: { supported: [SESSION] } },
      }),
    'session',
  ],
  'its revision': [
    (res, id) => answer(res, id, { supportedVersions: [STATELESS, SESSION], capabilities: {} }),
    'stateless',
  ],
};

describe('a client that looks for the era of a server', () => {
  it.each(Object.entries(VERDICTS))('understands %s', async (_name, [respond, era]) => {
    const session = sessionPeer(callable, SESSION);
    await using server = await serveRaw((request, res) =>
      request.message.method === 'server/discover'
        ? respond(res, request.message.id)
        : session(request, res),
    );
    await using client = await connect(server.url);
    expect(client.server.era).toBe(era);
    expect(await client.call('any')).toMatchObject(TEXT_RESULT);
  });

  it('tries again when its own version is refused and then listed', async () => {
    let refusals = 0;
    const peer = statelessPeer(callable, STATELESS);
    await using server = await serveRaw((request, res) => {
      refusals += 1;
      if (refusals > 1) return peer(request, res);
      const error = { code: -32022, message: 'no', data: { supported: [STATELESS] } };
      return refuse(res, 400, { id: request.message.id, error });
    });
    await using client = await connect(server.url);
    expect(client.server.era).toBe('stateless');
  });

  it('does not go on for ever with a server that refuses what it lists', async () => {
    await using server = await serveRaw(({ message }, res) => {
      const error = { code: -32022, message: 'no', data: { supported: [STATELESS] } };
      refuse(res, 400, { id: message.id, error });
    });
    await expect(connect(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
    expect(
      methodsOf(server.requests).filter((method) => method === 'server/discover'),
    ).toHaveLength(2);
  });

  it.each([-32020, -32021])(
    'takes %i for a modern refusal, not for an old server',
    async (code) => {
      await using server = await serveRaw(({ message }, res) =>
        refuse(res, 400, { id: message.id, error: { code, message: 'no' } }),
      );
      await expect(connect(server.url)).rejects.toMatchObject({ code });
      expect(server.requests).toHaveLength(1);
    },
  );

  it.each([401, 403, 429, 503])('knocks once where it gets a %i', async (status) => {
    await using server = await serveRaw((_request, res) =>
      res.writeHead(status, { 'www-authenticate': 'Bearer realm="x"' }).end('{}'),
    );
    await expect(connect(server.url)).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      data: { status, challenge: 'Bearer realm="x"' },
    });
    expect(server.requests).toHaveLength(1);
  });

  it('says what it tried where there is no server', async () => {
    await using server = await serveRaw((_request, res) => res.writeHead(404).end());
    await expect(connect(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
    expect(methodsOf(server.requests)).toEqual(['server/discover', 'initialize', 'GET']);
  });

  it('fails at once where nobody listens', async () => {
    const server = await serveRaw(() => undefined);
    await server[Symbol.asyncDispose]();
    await expect(connect(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });

  it('refuses a revision it does not know', async () => {
    await using server = await serveRaw(sessionPeer(callable, '1999-01-01'));
    await expect(connect(server.url)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_VERSION' });
  });

  it.each(SESSIONS)('accepts %s and repeats it in every request', async (version) => {
    await using server = await serveRaw(sessionPeer(callable, version));
    await using client = await connect(server.url);
    await client.call('any');
    expect(client.server.revision).toBe(version);
    const last = server.requests.findLast(({ message }) => message.method === 'tools/call');
    expect(last?.headers).toMatchObject({
      'mcp-protocol-version': version,
      'mcp-session-id': 'session-1',
    });
  });

  it('completes the handshake before anything else', async () => {
    await using server = await serveRaw(sessionPeer(callable, SESSION));
    await using client = await connect(server.url, { standaloneStream: false });
    await client.call('any');
    expect(methodsOf(server.requests)).toEqual([
      'server/discover',
      'initialize',
      'notifications/initialized',
      'tools/call',
    ]);
  });

  it('remembers the verdict for the next connection', async () => {
    await using server = await serveRaw(sessionPeer(callable, SESSION));
    await (await connect(server.url)).close();
    const before = server.requests.length;
    await (await connect(server.url)).close();
    expect(methodsOf(server.requests.slice(before))).not.toContain('server/discover');
  });

  it('forgets a verdict that no longer holds', async () => {
    let isModern = false;
    const old = sessionPeer(callable, SESSION);
    const modern = statelessPeer(({ message }, res) => {
      if (message.method === 'initialize') return refuse(res, 400, {});
      return answer(res, message.id, TEXT_RESULT);
    }, STATELESS);
    await using server = await serveRaw((request, res) => (isModern ? modern : old)(request, res));
    await (await connect(server.url)).close();
    isModern = true;
    await using client = await connect(server.url);
    expect(client.server.era).toBe('stateless');
  });

  it('looks again when a server is replaced by an older one', async () => {
    let isModern = true;
    const old = sessionPeer(({ headers, message }, res) => {
      if (headers['mcp-session-id'] === undefined) return refuse(res, 400, {});
      return answer(res, message.id, TEXT_RESULT);
    }, SESSION);
    const modern = statelessPeer(callable, STATELESS);
    await using server = await serveRaw((request, res) => (isModern ? modern : old)(request, res));
    await using client = await connect(server.url);
    isModern = false;
    expect(await client.call('any')).toMatchObject(TEXT_RESULT);
    expect(client.server.era).toBe('session');
  });

  it('gives up after the time it has', async () => {
    await using server = await serveRaw(() => undefined);
    await expect(connect(server.url, { connectTimeoutMs: 50 })).rejects.toMatchObject({
      code: 'ERR_CONNECT',
    });
  });

  it('gives up when told to', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(() => controller.abort());
    await expect(connect(server.url, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ERR_CANCELLED',
    });
  });

  it('speaks only the era it is told to', async () => {
    await using server = await serveRaw(sessionPeer(callable, SESSION));
    await expect(connect(server.url, { era: 'stateless' })).rejects.toThrow();
    expect(methodsOf(server.requests)).toEqual(['server/discover']);
  });

  it.each(['ftp://host/', 'not a url', 'http://user:secret@host/'])(
    'takes %s for a mistake',
    async (target) => {
      await expect(connect(target)).rejects.toThrow(TypeError);
    },
  );
});

describe('a client that meets HTTP+SSE', () => {
  const sseServer = (endpoint: string): Promise<Awaited<ReturnType<typeof serveRaw>>> =>
    serveRaw(({ method, url }, res) => {
      if (method === 'GET' && url === '/mcp') {
        openStream(res);
        res.write(`event: endpoint\ndata: ${endpoint}\n\n`);
        return;
      }
      res.writeHead(method === 'POST' && url === '/mcp' ? 405 : 202).end();
    });

  it('never posts to another origin', async () => {
    await using other = await serveRaw((_request, res) => res.writeHead(202).end());
    await using server = await sseServer(`${other.origin}/messages`);
    await expect(connect(server.url)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
    await expect(connect(server.url, { era: 'sse' })).rejects.toMatchObject({
      code: 'ERR_PROTOCOL',
    });
    expect(other.requests).toEqual([]);
  });

  it('does not wait for ever for the endpoint', async () => {
    await using server = await serveRaw((_request, res) => openStream(res));
    const attempt = connect(server.url, { era: 'sse', connectTimeoutMs: 50 });
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });
});

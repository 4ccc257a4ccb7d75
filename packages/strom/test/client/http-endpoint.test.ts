import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { HttpEndpoint } from '../../src/client/http-endpoint.ts';
import { answer, serveRaw, statelessPeer, TEXT_RESULT } from './peers/raw-http.ts';
import { STATELESS } from './peers/revisions.ts';
import '../faults/support/base-line.ts';

const headers = { Authorization: 'Bearer secret' };

const endpointAt = (url: string): HttpEndpoint =>
  new HttpEndpoint({ url: new URL(url), headers, fetch: globalThis.fetch });

const post = (endpoint: HttpEndpoint): Promise<Response> =>
  endpoint.send({ method: 'POST', headers: {}, body: '{}', signal: new AbortController().signal });

describe('C03: a redirect', () => {
  it('within the origin is followed with method, body and headers', async () => {
    const peer = statelessPeer(
      ({ message }, res) => answer(res, message.id, TEXT_RESULT),
      STATELESS,
    );
    await using server = await serveRaw((request, res) =>
      request.url === '/mcp' ? res.writeHead(307, { location: '/mcp/' }).end() : peer(request, res),
    );
    await using client = await connect(server.url, { headers });
    expect(await client.call('any')).toMatchObject(TEXT_RESULT);
    expect(server.requests.at(-1)).toMatchObject({
      method: 'POST',
      url: '/mcp/',
      headers: { authorization: 'Bearer secret' },
    });
  });

  it.each([301, 302, 307, 308])('with %i to another origin is not followed', async (status) => {
    await using other = await serveRaw((_request, res) => res.writeHead(200).end());
    await using server = await serveRaw((_request, res) =>
      res.writeHead(status, { location: `${other.origin}/mcp` }).end(),
    );
    await expect(connect(server.url, { headers })).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      message: expect.stringContaining(other.origin),
    });
    expect(other.requests).toEqual([]);
  });

  it.each([301, 302, 303])('with %i never turns a POST into something else', async (status) => {
    await using server = await serveRaw((_request, res) =>
      res.writeHead(status, { location: '/elsewhere' }).end(),
    );
    await expect(post(endpointAt(server.url))).rejects.toMatchObject({ code: 'ERR_HTTP_STATUS' });
    expect(server.requests).toHaveLength(1);
  });

  it('in a circle is left', async () => {
    await using server = await serveRaw((_request, res) =>
      res.writeHead(308, { location: '/mcp' }).end(),
    );
    await expect(post(endpointAt(server.url))).rejects.toMatchObject({ code: 'ERR_HTTP_STATUS' });
    expect(server.requests).toHaveLength(4);
  });

  it('to nowhere is an error', async () => {
    await using server = await serveRaw((_request, res) => res.writeHead(307).end());
    await expect(post(endpointAt(server.url))).rejects.toMatchObject({ code: 'ERR_HTTP_STATUS' });
  });
});

describe('headers of the program', () => {
  it('may be made anew for every request', async () => {
    await using server = await serveRaw(
      statelessPeer(({ message }, res) => answer(res, message.id, TEXT_RESULT), STATELESS),
    );
    let tokens = 0;
    await using client = await connect(server.url, {
      headers: async () => {
        tokens += 1;
        return { Authorization: `Bearer ${tokens}` };
      },
    });
    await client.call('any');
    const sent = server.requests.map((request) => request.headers.authorization);
    expect(sent).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('cannot replace those of the protocol, whatever their case', async () => {
    await using server = await serveRaw(
      statelessPeer(({ message }, res) => answer(res, message.id, TEXT_RESULT), STATELESS),
    );
    await using client = await connect(server.url, {
      headers: { 'mcp-METHOD': 'other', 'content-type': 'text/plain', 'x-own': 'kept' },
    });
    await client.call('any');
    expect(server.requests.at(-1)?.headers).toMatchObject({
      'mcp-method': 'tools/call',
      'content-type': 'application/json',
      'x-own': 'kept',
    });
  });

  it('that HTTP does not allow are refused without being repeated', async () => {
    const attempt = connect('http://127.0.0.1:1/', { headers: { Authorization: 'a\0secret' } });
    await expect(attempt).rejects.toThrow(expect.not.stringContaining('secret'));
    await expect(attempt).rejects.toThrow(TypeError);
  });

  it('appear in no error', async () => {
    const server = await serveRaw(() => undefined);
    await server[Symbol.asyncDispose]();
    const error = await connect(server.url, { headers }).catch((caught: unknown) => caught);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret');
  });
});

import { describe, expect, it } from 'vitest';
import { Strom } from '../../../src/entry/index.ts';

async function serve() {
  const strom = new Strom({ name: 'forms', version: '1.0.0' });
  strom.tool('greet', { description: 'Greets' }, () => 'Hello!');
  strom.tool('ask', { description: 'Asks' }, async (_, ctx) => String(await ctx.roots()));
  const running = await strom.run({ port: 0, handleSignals: false });
  return {
    async post(message: object, headers: Record<string, string>): Promise<Response> {
      return fetch(String(running.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      });
    },
    [Symbol.asyncDispose]: () => running.close(),
  };
}

const INITIALIZE = {
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  },
};

const JSON_FIRST = 'application/json, text/event-stream';
const STREAM_FIRST = 'text/event-stream, application/json';

describe('the form of an answer in a session', () => {
  it('is JSON for a call that says nothing, as clients usually want it', async () => {
    await using server = await serve();
    const response = await server.post(INITIALIZE, { accept: JSON_FIRST });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ id: 1, result: { serverInfo: {} } });
  });

  it('is an event stream for a client that rather has streams', async () => {
    await using server = await serve();
    const opened = await server.post(INITIALIZE, { accept: STREAM_FIRST });
    const session = opened.headers.get('mcp-session-id') ?? '';
    expect(await opened.text()).toContain('"protocolVersion":"2025-11-25"');
    const headers = { accept: STREAM_FIRST, 'mcp-session-id': session };
    const listed = await server.post({ id: 2, method: 'tools/list' }, headers);
    expect(listed.headers.get('content-type')).toBe('text/event-stream');
    expect(await listed.text()).toMatch(/data: \{"jsonrpc":"2\.0","id":2,"result"/);
  });

  it('names the new session for a client that takes nothing but streams', async () => {
    await using server = await serve();
    const response = await server.post(INITIALIZE, { accept: 'text/event-stream' });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('mcp-session-id')).toMatch(/^[0-9a-f]{48}$/);
    await response.body?.cancel();
  });

  it('is a 200 for an error, which clients of sessions would not read otherwise', async () => {
    await using server = await serve();
    const opened = await server.post(INITIALIZE, { accept: JSON_FIRST });
    const session = opened.headers.get('mcp-session-id') ?? '';
    await opened.body?.cancel();
    const headers = { accept: JSON_FIRST, 'mcp-session-id': session };
    const refused = [
      { id: 2, method: 'no/such/method' },
      { id: 3, method: 'tools/call', params: { name: 'no_such_tool' } },
      { id: 4, method: 'tools/call', params: { name: 'ask' } },
      { id: 5, method: 'logging/setLevel', params: { level: 'loud' } },
    ].map(async (message) => {
      const response = await server.post(message, headers);
      const { error } = (await response.json()) as { error: { code: number } };
      return [response.status, error.code];
    });
    expect(await Promise.all(refused)).toEqual([
      [200, -32601],
      [200, -32602],
      [200, -32021],
      [200, -32602],
    ]);
  });

  it('is refused to a client that takes neither', async () => {
    await using server = await serve();
    const response = await server.post(INITIALIZE, { accept: 'text/html' });
    expect(response.status).toBe(406);
    await response.body?.cancel();
  });
});

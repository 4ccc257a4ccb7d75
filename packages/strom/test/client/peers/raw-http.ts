/** A bare HTTP server for everything no well-behaved peer does. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came, with its body read and parsed where that is possible. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly message: { id?: number; method?: string; params?: Record<string, unknown> } & Record<
    string,
    unknown
  >;
}

export type RawHandler = (request: RawRequest, res: ServerResponse) => unknown;

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly origin: string;
  /** Everything that was asked, in order. */
  readonly requests: readonly RawRequest[];
}

async function readBody(req: IncomingMessage): Promise<string> {
  let text = '';
  req.setEncoding('utf8');
  for await (const chunk of req) text += String(chunk);
  return text;
}

export async function serveRaw(handle: RawHandler): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const server = createServer((req, res) => {
    void readBody(req).then((body) => {
      const request = {
        method: req.method ?? '',
        url: req.url ?? '',
        headers: req.headers,
        message: body === '' ? {} : JSON.parse(body),
      };
      requests.push(request);
      return handle(request, res);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    origin,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function answer(res: ServerResponse, id: unknown, result: object): void {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

export function refuse(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ jsonrpc: '2.0', ...body }));
}

export function openStream(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** One event that carries a message. */
export function event(message: object, id?: string): string {
  const idField = id === undefined ? '' : `id: ${id}\n`;
  return `${idField}data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
}

export const TEXT_RESULT = { content: [{ type: 'text', text: 'done' }] };

/** Answers as a server without sessions does; `tool` handles `tools/call`. */
export function statelessPeer(tool: RawHandler, version: string): RawHandler {
  return (request, res) => {
    const { id, method } = request.message;
    if (method === 'server/discover') {
      const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };
      answer(res, id, { resultType: 'complete', supportedVersions: [version], capabilities });
      return undefined;
    }
    return tool(request, res);
  };
}

/** Answers as a server with sessions does; `tool` handles everything after the handshake. */
export function sessionPeer(tool: RawHandler, version: string): RawHandler {
  let sessions = 0;
  return (request, res) => {
    const { id, method } = request.message;
    if (request.method === 'DELETE') return void res.writeHead(204).end();
    if (request.method === 'GET' && request.headers['last-event-id'] === undefined) {
      return void res.writeHead(405).end();
    }
    if (method === 'server/discover') return void res.writeHead(400).end();
    if (method === 'notifications/initialized') return void res.writeHead(202).end();
    if (method !== 'initialize') return tool(request, res);
    sessions += 1;
    res.setHeader('mcp-session-id', `session-${sessions}`);
    const serverInfo = { name: 'raw', version: '1.0.0' };
    answer(res, id, {
      protocolVersion: version,
      capabilities: { tools: {}, logging: {} },
      serverInfo,
    });
    return undefined;
  };
}

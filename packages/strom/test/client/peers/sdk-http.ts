/** The official 1.x server over Streamable HTTP with sessions, and over HTTP+SSE. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express, { type Express } from 'express';
import { createSdkServer } from './sdk-server.ts';

export interface SdkHttp extends AsyncDisposable {
  readonly mcpUrl: string;
  readonly sseUrl: string;
  readonly sessions: Map<string, StreamableHTTPServerTransport>;
}

export async function startSdkHttp(): Promise<SdkHttp> {
  const app = express().use(express.json());
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  mountStreamable(app, sessions);
  mountSse(app);
  const listener = app.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    mcpUrl: `http://127.0.0.1:${port}/mcp`,
    sseUrl: `http://127.0.0.1:${port}/sse`,
    sessions,
    async [Symbol.asyncDispose]() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
}

function refusal(code: number, message: string) {
  return { jsonrpc: '2.0', error: { code, message }, id: null };
}

function mountStreamable(app: Express, sessions: SdkHttp['sessions']): void {
  app.all('/mcp', async (req, res) => {
    const id = req.header('mcp-session-id');
    const known = id === undefined ? undefined : sessions.get(id);
    if (id !== undefined && known === undefined) {
      res.status(404).json(refusal(-32001, 'Session not found'));
      return;
    }
    if (known === undefined && (req.body as { method?: string }).method !== 'initialize') {
      res.status(400).json(refusal(-32000, 'Bad Request: no session'));
      return;
    }
    const transport =
      known ??
      new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (opened) => void sessions.set(opened, transport),
        onsessionclosed: (closed) => void sessions.delete(closed),
      });
    // The SDK's own types disagree under exactOptionalPropertyTypes.
    if (known === undefined) await createSdkServer().connect(transport as never);
    await transport.handleRequest(req, res, req.body);
  });
}

function mountSse(app: Express): void {
  const transports = new Map<string, SSEServerTransport>();
  app.get('/sse', async (_req, res) => {
    const transport = new SSEServerTransport('/messages', res);
    transports.set(transport.sessionId, transport);
    await createSdkServer().connect(transport);
  });
  app.post('/messages', async (req, res) => {
    const transport = transports.get(String(req.query['sessionId']));
    if (transport === undefined) res.status(404).end();
    else await transport.handlePostMessage(req, res, req.body);
  });
}

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
// @ts-expect-error: a program, which ships no types.
import * as everything from '@modelcontextprotocol/server-everything/dist/server/index.js';
import express, { type Express } from 'express';
import type { RunningServer, ServerPlan } from './server.ts';

interface Everything {
  createServer(): { server: McpServer; cleanup(sessionId?: string): void };
}

const { createServer } = everything as Everything;
const LONG = 'trigger-long-running-operation';
const UPDATES = 'toggle-subscriber-updates';

const PLAN: ServerPlan = {
  listed: 'echo',
  // Reports that are read together with the result are never shown by some clients.
  progress: { tool: LONG, total: 6, arguments: () => ({ duration: 0.3, steps: 6 }) },
  log: { tool: 'toggle-simulated-logging', isToggle: true },
  ask: { tool: 'trigger-elicitation-request', says: /Name: Ada/ },
  cancel: { tool: LONG, arguments: () => ({ duration: 0.4, steps: 2 }) },
  subscribe: { uri: 'demo://resource/dynamic/text/1', tool: UPDATES, isToggle: true },
};

function mountStreamable(app: Express): void {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  app.all('/mcp', async (req, res) => {
    let transport = sessions.get(String(req.header('mcp-session-id')));
    if (transport === undefined) {
      const { server, cleanup } = createServer();
      const opened = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, opened),
        onsessionclosed: (id) => cleanup(id),
      });
      transport = opened;
      // The SDK's own types disagree under exactOptionalPropertyTypes.
      await server.connect(transport as never);
    }
    await transport.handleRequest(req, res, req.body);
  });
}

function mountSse(app: Express): void {
  const transports = new Map<string, SSEServerTransport>();
  app.get('/sse', async (_req, res) => {
    const transport = new SSEServerTransport('/messages', res);
    const { server, cleanup } = createServer();
    transports.set(transport.sessionId, transport);
    await server.connect(transport);
    res.once('close', () => cleanup(transport.sessionId));
  });
  app.post('/messages', async (req, res) => {
    const transport = transports.get(String(req.query['sessionId']));
    if (transport === undefined) res.status(404).end();
    else await transport.handlePostMessage(req, res, req.body);
  });
}

/**
 * The reference server that shows every feature. Its own program for HTTP listens on every address
 * and does not tell its port, so the server it makes is mounted here.
 */
export async function startEverything(): Promise<RunningServer> {
  const main = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-everything/dist/index.js',
  );
  const app = express().use(express.json());
  mountStreamable(app);
  mountSse(app);
  const listener = app.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  return {
    plan: PLAN,
    target(transport) {
      if (transport === 'stdio') {
        return { transport, command: process.execPath, args: [main, 'stdio'] };
      }
      return { transport, url: `${origin}${transport === 'http+sse' ? '/sse' : '/mcp'}` };
    },
    async [Symbol.asyncDispose]() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/**
 * The official SDK 1 with sessions of 2025-11-25: one server object per client, not per request,
 * which is its faster setup. `sdk-1.mjs json` answers without streams.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { ready } from '../servers/control.mjs';
import { toolSchemas } from '../servers/tool-schemas.mjs';
import { echoText, emitFlood, emitNotes, emitTicks } from '../servers/tools.mjs';

const input = toolSchemas(z);
const enableJsonResponse = process.argv[2] === 'json';

const textResult = (text) => ({ content: [{ type: 'text', text }] });

function emitter({ _meta, sendNotification }) {
  const progressToken = _meta?.progressToken;
  return (progress, total, message) =>
    sendNotification({
      method: 'notifications/progress',
      params: { progressToken, progress, total, message },
    });
}

const streaming = (emitAll) => async (args, extra) =>
  textResult(await emitAll(args, emitter(extra)));

function createMcpServer() {
  const server = new McpServer({ name: 'bench', version: '1.0.0' });
  server.registerTool('echo', { description: 'Echoes', inputSchema: input.echo }, (args) =>
    textResult(echoText(args)),
  );
  const tools = { notify: emitNotes, tick: emitTicks, flood: emitFlood };
  for (const [name, emitAll] of Object.entries(tools)) {
    const definition = { description: name, inputSchema: input[name] };
    server.registerTool(name, definition, streaming(emitAll));
  }
  return server;
}

const transports = new Map();

async function openSession() {
  const transport = new StreamableHTTPServerTransport({
    enableJsonResponse,
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => transports.set(id, transport),
    onsessionclosed: (id) => transports.delete(id),
  });
  await createMcpServer().connect(transport);
  return transport;
}

const server = createServer(async (req, res) => {
  const transport = transports.get(req.headers['mcp-session-id']) ?? (await openSession());
  await transport.handleRequest(req, res);
});
server.listen(0, '127.0.0.1', () => ready(server.address().port));

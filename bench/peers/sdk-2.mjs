/** The official SDK 2: the stateless 2026-07-28 handler with the guards its guide puts before it. */
import { createServer } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { ready } from '../servers/control.mjs';
import { toolSchemas } from '../servers/tool-schemas.mjs';
import { echoText, emitFlood, emitNotes, emitTicks } from '../servers/tools.mjs';

const input = toolSchemas(z);
const ROOM = 100_000;

const textResult = (text) => ({ content: [{ type: 'text', text }] });

function emitter({ mcpReq }) {
  const progressToken = mcpReq._meta?.progressToken;
  return (progress, total, message) =>
    mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken, progress, total, message },
    });
}

const streaming = (emitAll) => async (args, ctx) => textResult(await emitAll(args, emitter(ctx)));

function createMcpServer() {
  const server = new McpServer(
    { name: 'bench', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } } },
  );
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

const handle = toNodeHandler(createMcpHandler(createMcpServer, { maxSubscriptions: ROOM }));
const isHostAllowed = localhostHostValidation();
const isOriginAllowed = localhostOriginValidation();
const server = createServer((req, res) => {
  if (isHostAllowed(req, res) && isOriginAllowed(req, res)) void handle(req, res);
});
server.listen(0, '127.0.0.1', () => ready(server.address().port));

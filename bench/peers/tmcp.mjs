/** tmcp with its zod adapter, on the Node adapter that answers its requests fastest. */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { ZodJsonSchemaAdapter } from '@tmcp/adapter-zod';
import { HttpTransport } from '@tmcp/transport-http';
import { McpServer } from 'tmcp';
import { z } from 'zod';
import { ready } from '../servers/control.mjs';
import { toolSchemas } from '../servers/tool-schemas.mjs';
import { echoText, emitFlood, emitNotes, emitTicks } from '../servers/tools.mjs';

const input = toolSchemas(z);
const mcp = new McpServer(
  { name: 'bench', version: '1.0.0', description: 'bench' },
  { adapter: new ZodJsonSchemaAdapter(), capabilities: { tools: { listChanged: true } } },
);

const textResult = (text) => ({ content: [{ type: 'text', text }] });

mcp.tool({ name: 'echo', description: 'Echoes', schema: input.echo }, (args) =>
  textResult(echoText(args)),
);
const tools = { notify: emitNotes, tick: emitTicks, flood: emitFlood };
for (const [name, emitAll] of Object.entries(tools)) {
  mcp.tool({ name, description: name, schema: input[name] }, async (args) =>
    textResult(await emitAll(args, (done, total, text) => mcp.progress(done, total, text))),
  );
}

const transport = new HttpTransport(mcp, { path: '/mcp' });
const server = createServer(
  getRequestListener(
    async (request) => (await transport.respond(request)) ?? new Response(null, { status: 404 }),
  ),
);
server.listen(0, '127.0.0.1', () => ready(server.address().port));

/**
 * FastMCP on its own HTTP server, without sessions: with them each client waits a second for its
 * handshake, and calls are no faster.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { FastMCP } from 'fastmcp';
import { z } from 'zod';
import { ready } from '../servers/control.mjs';
import { toolSchemas } from '../servers/tool-schemas.mjs';
import { echoText, emitNotes } from '../servers/tools.mjs';

const input = toolSchemas(z);
const server = new FastMCP({ name: 'bench', version: '1.0.0', ping: { enabled: false } });

server.addTool({
  name: 'echo',
  description: 'Echoes',
  parameters: input.echo,
  execute: async (args) => echoText(args),
});
server.addTool({
  name: 'notify',
  description: 'Notifies',
  parameters: input.notify,
  execute: (args, { reportProgress }) =>
    emitNotes(args, (progress, total, message) => reportProgress({ progress, total, message })),
});

/** FastMCP does not tell which port it got, so a free one is looked up first. */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

const port = await freePort();
await server.start({
  transportType: 'httpStream',
  httpStream: { port, host: '127.0.0.1', endpoint: '/mcp', stateless: true },
});
ready(port);

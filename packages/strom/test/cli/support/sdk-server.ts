/** A program: the official 1.x server on the standard streams. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer(
  { name: 'sdk-peer', version: '1.32.2' },
  { capabilities: { logging: {} } },
);

server.registerTool(
  'count',
  { description: 'Counts', inputSchema: { to: z.number() } },
  async ({ to }, { _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken ?? 0;
    for (let step = 1; step <= to; step += 1) {
      await sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress: step, total: to, message: `step ${step}` },
      });
    }
    await sendNotification({
      method: 'notifications/message',
      params: { level: 'info', logger: 'count', data: 'counted' },
    });
    return { content: [{ type: 'text', text: `counted to ${to}` }] };
  },
);

server.registerTool('hang', {}, async ({ signal }) => {
  process.stderr.write('hanging\n');
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  process.stderr.write('stopped\n');
  return { content: [] };
});

server.registerResource('note', 'note://one', {}, (uri) => ({
  contents: [{ uri: uri.href, text: 'first note' }],
}));

server.registerPrompt('greet', { argsSchema: { name: z.string() } }, ({ name }) => ({
  messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }],
}));

await server.connect(new StdioServerTransport());

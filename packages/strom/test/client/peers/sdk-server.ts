/** The official 1.x server with the tools the client tests need; one instance per connection. */
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

export function createSdkServer(): McpServer {
  const server = new McpServer(
    { name: 'sdk-peer', version: '1.32.2' },
    {
      capabilities: { logging: {}, resources: { subscribe: true, listChanged: true } },
      instructions: 'Use the tools.',
    },
  );
  registerTools(server);
  server.registerResource('note', 'note://one', {}, (uri) => ({
    contents: [{ uri: uri.href, text: 'first note' }],
  }));
  server.registerResource(
    'notes',
    new ResourceTemplate('note://{name}', { list: undefined }),
    {},
    (uri) => ({ contents: [{ uri: uri.href, text: 'some note' }] }),
  );
  server.registerPrompt('greet', { argsSchema: { name: z.string() } }, ({ name }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }],
  }));
  return server;
}

function registerTools(server: McpServer): void {
  server.registerTool(
    'count',
    { inputSchema: { to: z.number() } },
    async ({ to }, { _meta, sendNotification }) => {
      for (let step = 1; step <= to; step += 1) {
        const progressToken = _meta?.progressToken;
        if (progressToken !== undefined) {
          await sendNotification({
            method: 'notifications/progress',
            params: { progressToken, progress: step, total: to, message: `step ${step}` },
          });
        }
      }
      await sendNotification({
        method: 'notifications/message',
        params: { level: 'info', logger: 'count', data: 'counted' },
      });
      return { content: [{ type: 'text', text: `counted to ${to}` }] };
    },
  );
  server.registerTool('fail', {}, () => {
    throw new Error('this tool fails');
  });
  server.registerTool('ask', {}, async () => {
    const answer = await server.server.elicitInput({
      message: 'Who are you?',
      requestedSchema: {
        type: 'object',
        properties: {
          name: { type: 'string', default: 'nobody' },
          age: { type: 'integer', default: 42 },
        },
      },
    });
    return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
  });
  server.registerTool('hang', {}, async (_args: unknown, { signal } = HANG) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await server.server.sendResourceUpdated({ uri: 'note://cancelled' });
    return { content: [] };
  });
}

const HANG = { signal: new AbortController().signal };
